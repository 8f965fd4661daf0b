-- Which of the correlation's hits stay: enough prompts after the person's last success. (`not` in a temporal correlation
-- does not count, and the backend looks ahead for it.)
SELECT hits.hit
FROM hits JOIN prompt_refused AS prompt
  ON prompt.person = hits.person AND prompt.timestamp > hits.opens AND prompt.timestamp <= hits.closes
WHERE NOT EXISTS (
  SELECT 1 FROM signed_in
  WHERE signed_in.person = hits.person AND signed_in.timestamp > prompt.timestamp AND signed_in.timestamp <= hits.closes
)
GROUP BY hits.hit
HAVING COUNT(*) >= :at_least
