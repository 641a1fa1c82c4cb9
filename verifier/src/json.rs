//! A strict walk through JSON: every field of an object is asked for once, and nothing may be left. Spec: 03-manifest, MAN-1, MAN-2.

use crate::bytes::{Fault, Hash};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;

/// Parses a file that must be in RFC 8785 form, byte for byte. MAN-1.
pub fn canonical(bytes: &[u8]) -> Result<Value, Fault> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| Fault::new("MAN-1", format!("not JSON: {error}")))?;
    let again = serde_json_canonicalizer::to_vec(&value).map_err(|error| Fault::new("MAN-1", format!("no RFC 8785 form: {error}")))?;
    if again == bytes {
        return Ok(value);
    }
    let at = again.iter().zip(bytes).take_while(|(a, b)| a == b).count();
    Err(Fault::new("MAN-1", "not in RFC 8785 form").at(at))
}

/// Parses a file whose white space and order are free: no field twice, no number but whole ones from 0. Spec: 14-questions.
pub fn strict(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice::<Strict>(bytes).map(|strict| strict.0).map_err(|error| format!("not JSON: {error}"))
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

/// Numbers with a sign, a point or an exponent have no method here, and so are refused.
struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object, an array, a text, a whole number, true, false or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            found.push(item);
        }
        Ok(Value::Array(found))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some((name, Strict(value))) = fields.next_entry::<String, Strict>()? {
            if found.insert(name.clone(), value).is_some() {
                return Err(A::Error::custom(format!("the field {name:?} stands twice")));
            }
        }
        Ok(Value::Object(found))
    }
}

/// An object of which every field must be taken.
pub struct Object<'a> {
    fields: Map<String, Value>,
    path: &'a str,
}

impl<'a> Object<'a> {
    /// The value as an object; `path` is its place for people.
    pub fn new(value: Value, path: &'a str) -> Result<Self, Fault> {
        match value {
            Value::Object(fields) => Ok(Self { fields, path }),
            _ => Err(Fault::new("MAN-2", format!("{path} is not an object"))),
        }
    }

    /// Takes a field of any kind.
    pub fn take(&mut self, name: &str) -> Result<Value, Fault> {
        self.fields.remove(name).ok_or_else(|| Fault::new("MAN-2", format!("{} has no field {name}", self.path)))
    }

    /// Takes a string.
    pub fn string(&mut self, name: &str) -> Result<String, Fault> {
        match self.take(name)? {
            Value::String(text) => Ok(text),
            _ => Err(Fault::new("MAN-2", format!("{}.{name} is not a string", self.path))),
        }
    }

    /// Takes 32 bytes in lower-case hex.
    pub fn hash(&mut self, name: &str) -> Result<Hash, Fault> {
        let text = self.string(name)?;
        crate::text::hex32(&text).ok_or_else(|| Fault::new("MAN-2", format!("{}.{name} is not 32 bytes in lower-case hex", self.path)))
    }

    /// Takes an array of hashes.
    pub fn hashes(&mut self, name: &str) -> Result<Vec<Hash>, Fault> {
        let hash = |value: Value| value.as_str().and_then(crate::text::hex32);
        let found: Option<Vec<Hash>> = self.array(name)?.into_iter().map(hash).collect();
        found.ok_or_else(|| Fault::new("MAN-2", format!("{}.{name} is not an array of hashes in lower-case hex", self.path)))
    }

    /// Takes a field unless it is null.
    pub fn optional<T>(&mut self, name: &str, take: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<Option<T>, Fault> {
        if self.fields.get(name) == Some(&Value::Null) {
            self.fields.remove(name);
            return Ok(None);
        }
        take(self).map(Some)
    }

    /// Takes a field if it is there.
    pub fn if_there<T>(&mut self, name: &str, take: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<Option<T>, Fault> {
        if self.fields.contains_key(name) { take(self).map(Some) } else { Ok(None) }
    }

    /// Takes a boolean.
    pub fn boolean(&mut self, name: &str) -> Result<bool, Fault> {
        self.take(name)?.as_bool().ok_or_else(|| Fault::new("MAN-2", format!("{}.{name} is not true or false", self.path)))
    }

    /// Takes a whole number in `least..=most`. MAN-3.
    pub fn number(&mut self, name: &str, least: u64, most: u64) -> Result<u64, Fault> {
        let value = self.take(name)?;
        if !value.is_number() {
            return Err(Fault::new("MAN-2", format!("{}.{name} is not a number", self.path)));
        }
        let number = value.as_u64().filter(|number| (least..=most).contains(number) && *number < 1 << 53);
        number.ok_or_else(|| Fault::new("MAN-3", format!("{}.{name} is not a whole number in its range", self.path)))
    }

    /// Takes an array.
    pub fn array(&mut self, name: &str) -> Result<Vec<Value>, Fault> {
        match self.take(name)? {
            Value::Array(items) => Ok(items),
            _ => Err(Fault::new("MAN-2", format!("{}.{name} is not an array", self.path))),
        }
    }

    /// Nothing may be left. MAN-2.
    pub fn finish(self) -> Result<(), Fault> {
        match self.fields.keys().next() {
            None => Ok(()),
            Some(name) => Err(Fault::new("MAN-2", format!("{} has the unknown field {name:?}", self.path))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_form() {
        assert!(canonical(br#"{"a":1,"b":"x"}"#).is_ok());
        for bad in
            [r#"{"b":1,"a":1}"#, r#"{"a": 1}"#, r#"{"a":1.0}"#, r#"{"a":1,"a":1}"#, r#"{"a":1}x"#, "{\"a\":\"\\u0041\"}", "\u{FEFF}{}"]
        {
            assert_eq!(canonical(bad.as_bytes()).unwrap_err().rule, "MAN-1", "{bad}");
        }
        assert_eq!(canonical(br#"{"a":1, "b":"x"}"#).unwrap_err().at, Some(7));
    }

    #[test]
    fn every_field_once() {
        let mut object = Object::new(serde_json::json!({"a": 1, "b": 2}), "it").unwrap();
        assert_eq!(object.number("a", 1, 1).unwrap(), 1);
        assert_eq!(object.take("a").unwrap_err().rule, "MAN-2");
        assert_eq!(object.finish().unwrap_err().rule, "MAN-2");
        let mut object = Object::new(serde_json::json!({"a": -1, "b": 1.5, "c": 9007199254740992u64}), "it").unwrap();
        for name in ["a", "b", "c"] {
            assert_eq!(object.number(name, 0, u64::MAX).unwrap_err().rule, "MAN-3", "{name}");
        }
    }
}
