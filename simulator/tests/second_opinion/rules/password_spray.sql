-- Which of the correlation's hits stay: the address is not the organisation's own, nobody was tried more than eight times
-- (that is guessing at one account), and more people failed from there than succeeded (else it is a crowd behind one
-- address).
WITH
  failed AS (
    SELECT hits.hit, wrong.person, COUNT(*) AS times
    FROM hits JOIN wrong_credentials AS wrong
      ON wrong.source_ip = hits.source_ip AND wrong.timestamp > hits.opens AND wrong.timestamp <= hits.closes
    WHERE wrong.own IS NULL
    GROUP BY hits.hit, wrong.person
  ),
  entered AS (
    SELECT hits.hit, COUNT(DISTINCT signed_in.person) AS people
    FROM hits LEFT JOIN signed_in
      ON signed_in.source_ip = hits.source_ip AND signed_in.timestamp > hits.opens AND signed_in.timestamp <= hits.closes
    GROUP BY hits.hit
  )
SELECT hit
FROM failed JOIN entered USING (hit)
GROUP BY hit
HAVING COUNT(*) >= :at_least AND MAX(times) <= :attempts AND COUNT(*) > MAX(people)
