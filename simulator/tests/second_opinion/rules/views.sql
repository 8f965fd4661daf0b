-- The same thing at every vendor, each by its own rule.
CREATE TEMP VIEW wrong_credentials AS
  SELECT * FROM wrong_credentials_entra
  UNION ALL SELECT * FROM wrong_credentials_miro
  UNION ALL SELECT * FROM wrong_credentials_okta
  UNION ALL SELECT * FROM wrong_credentials_workplace;
CREATE TEMP VIEW signed_in AS
  SELECT * FROM signed_in_entra
  UNION ALL SELECT * FROM signed_in_miro
  UNION ALL SELECT * FROM signed_in_okta
  UNION ALL SELECT * FROM signed_in_workplace;
CREATE TEMP VIEW prompt_refused AS
  SELECT * FROM prompt_refused_entra
  UNION ALL SELECT * FROM prompt_refused_okta;
CREATE TEMP VIEW activity AS
  SELECT * FROM signed_in_entra
  UNION ALL SELECT * FROM signed_in_okta
  UNION ALL SELECT * FROM signed_in_workplace
  UNION ALL SELECT * FROM activity_miro
  UNION ALL SELECT * FROM activity_github;
