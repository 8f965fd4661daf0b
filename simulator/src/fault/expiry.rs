//! `odd_expiry`: what a token answer says of the token's life is not a plain number of seconds.

use serde_json::Value;

use crate::protocol::exchange::Answer;
use crate::scenario::ExpiryForm;

/// RFC 6749 5.1.
const FIELD: &str = "expires_in";

/// The answer with an odd `expires_in`. A refusal has none and stays as it is.
pub(crate) fn odd(mut answer: Answer, form: ExpiryForm) -> Answer {
    let Ok(Value::Object(mut body)) = serde_json::from_slice(&answer.body) else { return answer };
    let Some(life) = body.get(FIELD).and_then(Value::as_i64) else { return answer };
    match form {
        ExpiryForm::Missing => body.shift_remove(FIELD),
        ExpiryForm::Zero => body.insert(FIELD.to_owned(), 0.into()),
        ExpiryForm::Text => body.insert(FIELD.to_owned(), life.to_string().into()),
        ExpiryForm::Negative => body.insert(FIELD.to_owned(), (-life).into()),
    };
    answer.body = serde_json::to_vec(&body).expect("what was read as JSON can be written").into();
    answer
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_life_alone_is_odd() {
        let plain = || Answer::json(StatusCode::OK, &json!({ "access_token": "x", "expires_in": 3599 }));
        #[rustfmt::skip]
        let cases = [
            (ExpiryForm::Missing,  json!({ "access_token": "x" })),
            (ExpiryForm::Zero,     json!({ "access_token": "x", "expires_in": 0 })),
            (ExpiryForm::Text,     json!({ "access_token": "x", "expires_in": "3599" })),
            (ExpiryForm::Negative, json!({ "access_token": "x", "expires_in": -3599 })),
        ];
        for (form, expected) in cases {
            let body: Value = serde_json::from_slice(&odd(plain(), form).body).unwrap();
            assert_eq!(body, expected, "{form:?}");
        }
    }

    #[test]
    fn a_refusal_stays_as_it_is() {
        let refusal = Answer::json(StatusCode::BAD_REQUEST, &json!({ "error": "invalid_grant" }));
        assert_eq!(odd(refusal.clone(), ExpiryForm::Zero).body, refusal.body);
    }
}
