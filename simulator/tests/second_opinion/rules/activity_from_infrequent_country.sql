-- A success from a country that the person was not seen in during the look-back, once the person has been known for the
-- days of learning. What failed teaches nothing; what is seen while learning is remembered; the organisation's own
-- addresses say nothing.
WITH
  located AS MATERIALIZED (SELECT line, timestamp, person, country FROM activity WHERE country IS NOT NULL AND own IS NULL),
  known AS MATERIALIZED (SELECT person, MIN(timestamp) AS since FROM located GROUP BY person)
SELECT here.line, here.timestamp, here.person, here.country
FROM located AS here JOIN known USING (person)
WHERE here.timestamp > known.since
  AND here.timestamp - known.since >= :learning_s
  AND NOT EXISTS (
    SELECT 1 FROM located AS earlier
    WHERE earlier.person = here.person AND earlier.country = here.country
      AND earlier.timestamp < here.timestamp AND here.timestamp - earlier.timestamp <= :look_back_s
  )
