//! Endpoints as comma-separated values: a first line with the members' names (`Location.Country`, `Attributes.plan`), and one
//! endpoint on each further line. A column that stands there again adds a value to its attribute.

use crate::pinpoint::{
    endpoints::REQUEST,
    shape::{Document, Member, Shape},
};
use serde_json::{Number, Value};

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Columns(Vec<Column>);

/// Where the values of a column go.
#[derive(Debug, PartialEq)]
struct Column {
    name: String,
    path: Vec<String>,
    is: Kind,
}

/// What they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    /// One of several.
    Value,
}

impl Columns {
    /// Reads the first line.
    pub(super) fn read(line: &str) -> Result<Self, String> {
        let names = values(line)?;
        let mut columns: Vec<Column> = Vec::new();
        for name in &names {
            let column = Column::named(name.trim())?;
            // Only an attribute has several values.
            if column.is != Kind::Value && columns.contains(&column) {
                return Err(format!("`{}` stands there twice", column.name));
            }
            columns.push(column);
        }
        Ok(Self(columns))
    }

    /// The endpoint that a line describes. An empty value says nothing.
    pub(super) fn endpoint(&self, line: &str) -> Result<Value, String> {
        let values = values(line)?;
        if values.len() > self.0.len() {
            let (there, named) = (values.len(), self.0.len());
            return Err(format!(
                "it has {there} values; the first line names {named}"
            ));
        }
        let mut endpoint = Document::new();
        for (column, text) in self.0.iter().zip(&values) {
            if !text.is_empty() {
                column.put(&mut endpoint, text)?;
            }
        }
        Ok(Value::Object(endpoint))
    }
}

/// The values of one line. Values have no line breaks, so a line is a record.
fn values(line: &str) -> Result<csv::StringRecord, String> {
    if line.contains('\r') {
        return Err("there is a carriage return inside it".to_owned());
    }
    if line.matches('"').count() % 2 == 1 {
        return Err("a quote in it does not end".to_owned());
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(line.len().max(1))
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    let read = reader.read_record(&mut record);
    read.map_err(|error| error.to_string())?;
    Ok(record)
}

impl Column {
    fn named(name: &str) -> Result<Self, String> {
        let (mut members, mut rest, mut path) = (REQUEST, name, Vec::new());
        let unknown = || format!("endpoints have no `{name}`");
        loop {
            let (member, below) = match rest.split_once('.') {
                Some((member, below)) => (member, Some(below)),
                None => (rest, None),
            };
            path.push(member.to_owned());
            let found = members.iter().find(|known: &&Member| known.name == member);
            let is = match (&found.ok_or_else(unknown)?.shape, below) {
                (Shape::Object(inner), Some(below)) => {
                    (members, rest) = (inner, below);
                    continue;
                }
                // The client's own names may have dots.
                (Shape::Map(of), Some(below)) if !below.is_empty() => {
                    path.push(below.to_owned());
                    match of {
                        Shape::Number => Kind::Number,
                        _ => Kind::Value,
                    }
                }
                (Shape::Text | Shape::Word(_), None) => Kind::Text,
                (Shape::Number, None) => Kind::Number,
                _ => return Err(unknown()),
            };
            return Ok(Self {
                name: name.to_owned(),
                path,
                is,
            });
        }
    }

    fn put(&self, endpoint: &mut Document, text: &str) -> Result<(), String> {
        let value = match self.is {
            Kind::Text | Kind::Value => Value::from(text),
            Kind::Number => {
                let number = text.trim().parse().ok().and_then(Number::from_f64);
                let no_number = || format!("`{text}` under {} is no number", self.name);
                Value::Number(number.ok_or_else(no_number)?)
            }
        };
        let Some((last, above)) = self.path.split_last() else {
            return Ok(());
        };
        let mut holder = endpoint;
        for name in above {
            let inner = holder
                .entry(name.as_str())
                .or_insert_with(|| Document::new().into());
            let Value::Object(inner) = inner else {
                return Ok(());
            };
            holder = inner;
        }
        match (self.is, holder.get_mut(last)) {
            (Kind::Value, Some(Value::Array(values))) => values.push(value),
            (Kind::Value, _) => {
                holder.insert(last.clone(), Value::Array(vec![value]));
            }
            _ => {
                holder.insert(last.clone(), value);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_of_columns_are_members() {
        let columns = Columns::read(
            "ChannelType,Address,Location.Country,Location.Latitude,User.UserId,User.UserAttributes.team,User.UserAttributes.team,Attributes.a.b,Metrics.visits",
        )
        .unwrap();
        let endpoint = columns
            .endpoint("EMAIL,\"a, \"\"b\"\"@example.com\",IT,43.7,u,red,blue,x,3")
            .unwrap();
        assert_eq!(
            endpoint,
            json!({"ChannelType": "EMAIL", "Address": "a, \"b\"@example.com",
                "Location": {"Country": "IT", "Latitude": 43.7},
                "User": {"UserId": "u", "UserAttributes": {"team": ["red", "blue"]}},
                "Attributes": {"a.b": ["x"]}, "Metrics": {"visits": 3.0}})
        );
        let sparse = columns.endpoint("SMS,+1").unwrap();
        assert_eq!(sparse, json!({"ChannelType": "SMS", "Address": "+1"}));
        assert!(
            columns
                .endpoint("SMS,+1,,north")
                .unwrap_err()
                .contains("Location.Latitude")
        );
        assert!(columns.endpoint("1,2,3,4,5,6,7,8,9,10").is_err());
        assert!(
            columns
                .endpoint("SMS,\"+1,IT")
                .unwrap_err()
                .contains("quote")
        );
        assert!(
            columns
                .endpoint("SMS,+1\r,IT")
                .unwrap_err()
                .contains("carriage")
        );
        assert!(
            Columns::read("Address,Id,Address")
                .unwrap_err()
                .contains("twice")
        );
    }

    #[test]
    fn what_endpoints_do_not_have_is_named() {
        for bad in [
            "Adress",
            "Location",
            "Location.Street",
            "Attributes.",
            "User.UserId.x",
            "",
        ] {
            assert_eq!(
                Column::named(bad),
                Err(format!("endpoints have no `{bad}`"))
            );
        }
    }
}
