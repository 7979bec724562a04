//! The answer: a `methodResponse` in the one shape that every client was seen to read.
//!
//! Explicit `<string>` (some clients look for that very tag, PB-3), nothing before the declaration,
//! no white space between the elements.

use super::is_xml_char;

/// A value of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// `<string>`.
    Text(String),
    /// `<int>`.
    Int(i32),
    /// `<array>`.
    Array(Vec<Self>),
    /// `<struct>`, in this order.
    Struct(Vec<(&'static str, Self)>),
}

impl Reply {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An array of strings.
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::Array(texts.into_iter().map(Self::text).collect())
    }

    /// The whole response with this value.
    pub fn into_response(self) -> String {
        let mut out = String::from(START);
        out.push_str("<params><param>");
        self.push_to(&mut out);
        out.push_str("</param></params></methodResponse>");
        out
    }

    /// The whole response with a fault of this code and text.
    pub fn fault(code: i32, text: impl Into<String>) -> String {
        let mut out = String::from(START);
        out.push_str("<fault>");
        Self::Struct(vec![
            ("faultCode", Self::Int(code)),
            ("faultString", Self::text(text)),
        ])
        .push_to(&mut out);
        out.push_str("</fault></methodResponse>");
        out
    }

    /// As deep as the value was built, that is, as deep as our own answers are.
    fn push_to(&self, out: &mut String) {
        out.push_str("<value>");
        match self {
            Self::Text(text) => {
                out.push_str("<string>");
                push_escaped(out, text);
                out.push_str("</string>");
            }
            Self::Int(number) => {
                out.push_str("<int>");
                out.push_str(&number.to_string());
                out.push_str("</int>");
            }
            Self::Array(values) => {
                out.push_str("<array><data>");
                for value in values {
                    value.push_to(out);
                }
                out.push_str("</data></array>");
            }
            Self::Struct(members) => {
                out.push_str("<struct>");
                for (name, value) in members {
                    out.push_str("<member><name>");
                    push_escaped(out, name);
                    out.push_str("</name>");
                    value.push_to(out);
                    out.push_str("</member>");
                }
                out.push_str("</struct>");
            }
        }
        out.push_str("</value>");
    }
}

const START: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodResponse>";

/// Appends `text` as XML character data; what XML cannot hold becomes U+FFFD.
fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Readers would make a line feed of it.
            '\r' => out.push_str("&#13;"),
            c if is_xml_char(c) => out.push(c),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_has_the_shape_that_clients_read() {
        assert_eq!(
            Reply::fault(17, "no <link> & \u{1}nothing\r\u{ffff}]]>"),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodResponse><fault><value><struct>\
             <member><name>faultCode</name><value><int>17</int></value></member>\
             <member><name>faultString</name><value><string>no &lt;link&gt; &amp; \u{fffd}nothing\
             &#13;\u{fffd}]]&gt;</string></value></member></struct></value></fault></methodResponse>"
        );
    }

    #[test]
    fn values_are_typed_and_nested() {
        assert_eq!(
            Reply::Array(vec![Reply::texts(["a", "b"]), Reply::Int(-1)]).into_response(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodResponse><params><param><value><array>\
             <data><value><array><data><value><string>a</string></value><value><string>b</string>\
             </value></data></array></value><value><int>-1</int></value></data></array></value>\
             </param></params></methodResponse>"
        );
    }
}
