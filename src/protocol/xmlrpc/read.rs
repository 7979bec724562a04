//! XML events to a [`Call`]: a small machine with its stack in a `Vec`.
//!
//! The first thing that is not XML-RPC is noted, and reading goes on to the end: a body that is not
//! well formed either is a parse error first.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use quick_xml::events::{BytesRef, Event};
use quick_xml::reader::Reader;

use super::repair::is_reference;
use super::{Call, MAX_DEPTH, MAX_ELEMENTS, ReadError, Value, is_xml_char};

const OUTSIDE: ReadError = ReadError::NotWellFormed("has text outside its root element");

/// An element that is open.
enum Node {
    Call,
    MethodName,
    Params,
    Param,
    Value,
    String,
    Base64,
    /// A value of a type that no method of ours takes.
    Other(String),
    /// What is read for its well-formedness only: the inside of other types, and whatever follows
    /// once the body is known not to be a call.
    Ignored,
}

#[derive(Default)]
struct Machine {
    open: Vec<Node>,
    elements: usize,
    /// The text since the innermost `methodName`, `value`, or type within one, began.
    text: String,
    /// The `methodName`, once it is closed.
    method: Option<String>,
    /// The parameters, once `params` is open.
    params: Option<Vec<Value>>,
    /// The value of the `value` that is open, once its type is closed.
    typed: Option<Value>,
    /// The value of the `param` that is open, once its `value` is closed.
    param: Option<Value>,
    /// The first thing that no method call has.
    problem: Option<&'static str>,
}

/// Reads a document.
pub(super) fn read(text: &str) -> Result<Call, ReadError> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.check_comments = true;
    let mut machine = Machine::default();
    let mut at_start = true;
    loop {
        // The library's own error quotes the body; the answer to a stranger does not.
        let Ok(event) = reader.read_event() else {
            return Err(ReadError::NotWellFormed("is not well-formed XML"));
        };
        match event {
            Event::Start(start) => machine.enter(start.name().as_ref())?,
            Event::End(_) => machine.leave(),
            Event::Text(text) => {
                let text = text.xml10_content();
                if text.contains("]]>") {
                    return Err(ReadError::NotWellFormed("contains “]]>” outside CDATA"));
                }
                machine.text(&text)?;
            }
            Event::CData(data) => {
                machine.inside()?;
                machine.text(&data.xml10_content())?;
            }
            Event::GeneralRef(reference) => {
                machine.inside()?;
                machine.text(resolve(&reference)?.encode_utf8(&mut [0; 4]))?;
            }
            // SECURITY: no DTD at all, so nothing can be declared, expanded or fetched. No client
            // sends one.
            Event::DocType(_) => return Err(ReadError::Refused("has a DOCTYPE")),
            Event::Decl(_) if !at_start => {
                return Err(ReadError::NotWellFormed("has an XML declaration inside"));
            }
            Event::Empty(_) | Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return machine.finish(),
        }
        at_start = false;
    }
}

/// The character of a reference: a numeric one, or one of XML's own five names.
fn resolve(reference: &BytesRef<'_>) -> Result<char, ReadError> {
    let name: &str = reference;
    match name {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        _ if !is_reference(name) => {
            return Err(ReadError::NotWellFormed("contains a bare “&”"));
        }
        _ => {}
    }
    match reference.resolve_char_ref() {
        Ok(Some(c)) if is_xml_char(c) => Ok(c),
        Ok(None) => Err(ReadError::Refused("refers to an entity that XML lacks")),
        Ok(Some(_)) | Err(_) => Err(ReadError::Refused(
            "refers to a character that XML does not allow",
        )),
    }
}

impl Machine {
    fn enter(&mut self, name: &str) -> Result<(), ReadError> {
        self.elements = self.elements.saturating_add(1);
        if self.elements > MAX_ELEMENTS {
            return Err(ReadError::Refused("has more than 200 elements"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(ReadError::Refused("is nested more than 16 levels deep"));
        }
        let node = match (self.open.last(), name) {
            (None, _) if self.elements > 1 => {
                return Err(ReadError::NotWellFormed("has more than one root element"));
            }
            (None, "methodCall") => Node::Call,
            (None, _) => self.wrong("is not a methodCall"),
            (Some(Node::Call), "methodName") if self.method.is_none() => Node::MethodName,
            (Some(Node::Call), "params") if self.params.is_none() => {
                self.params = Some(Vec::new());
                Node::Params
            }
            (Some(Node::Params), "param") => Node::Param,
            (Some(Node::Param), "value") if self.param.is_none() => Node::Value,
            (Some(Node::Value), _) if self.typed.is_some() => {
                self.wrong("has a value of two types")
            }
            (Some(Node::Value), _) if !self.text.trim().is_empty() => {
                self.wrong("has a value with text beside its type")
            }
            (Some(Node::Value), "string") => Node::String,
            (Some(Node::Value), "base64") => Node::Base64,
            (Some(Node::Value), other) => Node::Other(other.to_owned()),
            // Serendipity names its parameters; their order is right all the same.
            (Some(Node::Param), "name") | (Some(Node::Other(_) | Node::Ignored), _) => {
                Node::Ignored
            }
            (Some(Node::String | Node::Base64), _) => self.wrong("has an element within a string"),
            (Some(Node::MethodName), _) => self.wrong("has an element within the methodName"),
            (Some(Node::Call | Node::Params | Node::Param), _) => {
                self.wrong("has an element that no methodCall has there")
            }
        };
        self.text.clear();
        self.open.push(node);
        Ok(())
    }

    fn leave(&mut self) {
        // quick-xml checks that each end has its start.
        let Some(node) = self.open.pop() else { return };
        match node {
            Node::MethodName => self.method = Some(self.text.trim().to_owned()),
            Node::String => self.typed = Some(Value::String(std::mem::take(&mut self.text))),
            Node::Base64 => match read_base64(&self.text) {
                Some(text) => self.typed = Some(Value::String(text)),
                None => {
                    self.wrong("has a base64 value that is not base64");
                }
            },
            Node::Other(name) => self.typed = Some(Value::Other(name)),
            Node::Value => {
                let text = std::mem::take(&mut self.text);
                self.param = Some(match self.typed.take() {
                    Some(_) if !text.trim().is_empty() => {
                        self.wrong("has a value with text beside its type");
                        Value::String(text)
                    }
                    Some(typed) => typed,
                    // XML-RPC: "If no type is indicated, the type is string."
                    None => Value::String(text),
                });
            }
            Node::Param => match (self.param.take(), &mut self.params) {
                (Some(value), Some(params)) => params.push(value),
                _ => {
                    self.wrong("has a param without a value");
                }
            },
            Node::Call | Node::Params | Node::Ignored => {}
        }
        self.text.clear();
    }

    fn text(&mut self, text: &str) -> Result<(), ReadError> {
        match self.open.last() {
            Some(Node::MethodName | Node::Value | Node::String | Node::Base64) => {
                self.text.push_str(text);
            }
            Some(Node::Other(_) | Node::Ignored) => {}
            _ if is_blank(text) => {}
            Some(Node::Call | Node::Params | Node::Param) => {
                self.wrong("has text between its elements");
            }
            None => return Err(OUTSIDE),
        }
        Ok(())
    }

    /// References and CDATA may only be within the root, blank or not.
    fn inside(&self) -> Result<(), ReadError> {
        if self.open.is_empty() {
            return Err(OUTSIDE);
        }
        Ok(())
    }

    /// Notes the first thing that no method call has; what is in it is ignored.
    fn wrong(&mut self, problem: &'static str) -> Node {
        self.problem.get_or_insert(problem);
        Node::Ignored
    }

    fn finish(self) -> Result<Call, ReadError> {
        if self.elements == 0 {
            return Err(ReadError::NotWellFormed("has no root element"));
        }
        if !self.open.is_empty() {
            return Err(ReadError::NotWellFormed(
                "ends before its last element does",
            ));
        }
        if let Some(problem) = self.problem {
            return Err(ReadError::NotACall(problem));
        }
        Ok(Call {
            method: self
                .method
                .filter(|name| !name.is_empty())
                .ok_or(ReadError::NotACall("has no methodName"))?,
            params: self.params.unwrap_or_default(),
        })
    }
}

fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'))
}

/// The text in a base64 value, where Perl's `XMLRPC::Lite` puts every string that is not ASCII: UTF-8
/// if it is, else Latin-1.
fn read_base64(text: &str) -> Option<String> {
    let text: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let bytes = STANDARD_PAD_INDIFFERENT.decode(text).ok()?;
    Some(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => encoding_rs::mem::decode_latin1(error.as_bytes()).into_owned(),
    })
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
