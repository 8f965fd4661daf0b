//! From words to a filter.

use super::token::{Token, tokens};
use super::{Filter, Function, Literal, MOST_TOKENS, Operator, invalid, unsupported};
use crate::protocol::dialect::Failure;
use crate::protocol::form::DEEPEST;
use crate::time::SimTime;

impl Filter {
    /// Reads an expression that names only `properties`.
    pub(in super::super::super) fn parse(text: &str, properties: &[&str]) -> Result<Self, Failure> {
        let tokens = tokens(text)?;
        if tokens.len() > MOST_TOKENS {
            return Err(invalid(&format!("it has more than {MOST_TOKENS} words")));
        }
        let mut parser = Parser { tokens, at: 0, properties, variable: None, depth: 0 };
        let filter = parser.either()?;
        match parser.tokens.get(parser.at) {
            None => Ok(filter),
            Some(more) => Err(invalid(&format!("unexpected '{}'", more.text()))),
        }
    }
}

/// Reads tokens into a filter.
struct Parser<'a> {
    tokens: Vec<Token>,
    at: usize,
    properties: &'a [&'a str],
    /// The variable of the `any` around, and the collection it walks.
    variable: Option<String>,
    depth: usize,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Filter, Failure> {
        let mut left = self.both()?;
        while self.takes("or") {
            left = Filter::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Filter, Failure> {
        let mut left = self.one()?;
        while self.takes("and") {
            left = Filter::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Filter, Failure> {
        match self.next()? {
            Token::Open => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(invalid("it is nested too deeply"));
                }
                let inner = self.either()?;
                self.depth -= 1;
                self.expect(&Token::Close)?;
                Ok(inner)
            }
            Token::Word(word) if word.eq_ignore_ascii_case("not") => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(invalid("it is nested too deeply"));
                }
                let inner = self.one()?;
                self.depth -= 1;
                Ok(Filter::Not(Box::new(inner)))
            }
            Token::Word(word) if function(&word).is_some() => {
                let function = function(&word).expect("the guard found it");
                self.expect(&Token::Open)?;
                let property = self.property()?;
                self.expect(&Token::Comma)?;
                let Token::Text(start) = self.next()? else { return Err(invalid(&format!("{word} wants a text"))) };
                self.expect(&Token::Close)?;
                Ok(Filter::Call(function, property, start))
            }
            Token::Word(word) if self.tokens.get(self.at) == Some(&Token::Open) => self.any(&word),
            Token::Word(word) => {
                let property = self.known(&word)?;
                if self.takes("in") {
                    return Ok(Filter::In(property, self.literals()?));
                }
                let operator = self.operator()?;
                Ok(Filter::Compare(property, operator, self.literal()?))
            }
            other => Err(invalid(&format!("unexpected '{}'", other.text()))),
        }
    }

    /// `collection/any(x: expression)`.
    fn any(&mut self, word: &str) -> Result<Filter, Failure> {
        let collection = word.strip_suffix("/any").filter(|_| self.variable.is_none());
        let collection = collection.ok_or_else(|| unsupported(&format!("the function '{word}'")))?;
        let collection = self.known(collection)?;
        self.expect(&Token::Open)?;
        let Token::Word(variable) = self.next()? else { return Err(invalid("any wants a variable")) };
        self.expect(&Token::Colon)?;
        self.variable = Some(variable);
        let inner = self.either()?;
        self.variable = None;
        self.expect(&Token::Close)?;
        Ok(Filter::Any(collection, Box::new(inner)))
    }

    fn property(&mut self) -> Result<String, Failure> {
        match self.next()? {
            Token::Word(word) => self.known(&word),
            other => Err(invalid(&format!("'{}' is no property", other.text()))),
        }
    }

    fn known(&self, word: &str) -> Result<String, Failure> {
        if let Some(variable) = &self.variable {
            let inner = word.strip_prefix(variable.as_str());
            let inner = inner.and_then(|w| if w.is_empty() { Some(w) } else { w.strip_prefix('/') });
            return inner.map(str::to_owned).ok_or_else(|| invalid(&format!("'{word}' is no property")));
        }
        let known = self.properties.iter().find(|p| p.eq_ignore_ascii_case(word));
        known.map(|p| (*p).to_owned()).ok_or_else(|| unsupported(&format!("a filter on '{word}'")))
    }

    fn operator(&mut self) -> Result<Operator, Failure> {
        match self.next()?.text().to_lowercase().as_str() {
            "eq" => Ok(Operator::Eq),
            "ne" => Ok(Operator::Ne),
            "ge" => Ok(Operator::Ge),
            "gt" => Ok(Operator::Gt),
            "le" => Ok(Operator::Le),
            "lt" => Ok(Operator::Lt),
            other => Err(unsupported(&format!("the operator '{other}'"))),
        }
    }

    /// `('a','b')`.
    fn literals(&mut self) -> Result<Vec<Literal>, Failure> {
        self.expect(&Token::Open)?;
        let mut literals = vec![self.literal()?];
        while self.tokens.get(self.at) == Some(&Token::Comma) {
            self.at += 1;
            literals.push(self.literal()?);
        }
        self.expect(&Token::Close)?;
        Ok(literals)
    }

    fn literal(&mut self) -> Result<Literal, Failure> {
        let word = match self.next()? {
            Token::Text(text) => return Ok(Literal::Text(text)),
            Token::Word(word) => word,
            other => return Err(invalid(&format!("unexpected '{}'", other.text()))),
        };
        Ok(match word.as_str() {
            "true" => Literal::Truth(true),
            "false" => Literal::Truth(false),
            "null" => Literal::Null,
            number if number.parse::<f64>().is_ok() => Literal::Number(number.parse().unwrap_or_default()),
            time => {
                Literal::Time(SimTime::parse_rfc3339(time).ok_or_else(|| invalid(&format!("'{time}' is no literal")))?)
            }
        })
    }

    fn takes(&mut self, word: &str) -> bool {
        let takes = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(takes);
        takes
    }

    fn next(&mut self) -> Result<Token, Failure> {
        let token = self.tokens.get(self.at).cloned().ok_or_else(|| invalid("it ends too early"))?;
        self.at += 1;
        Ok(token)
    }

    fn expect(&mut self, token: &Token) -> Result<(), Failure> {
        let found = self.next()?;
        if found == *token {
            Ok(())
        } else {
            Err(invalid(&format!("'{}' where '{}' should be", found.text(), token.text())))
        }
    }
}

fn function(word: &str) -> Option<Function> {
    match word.to_lowercase().as_str() {
        "startswith" => Some(Function::StartsWith),
        "endswith" => Some(Function::EndsWith),
        _ => None,
    }
}
