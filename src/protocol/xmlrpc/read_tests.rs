//! The shapes of a call, and what is said about those that are none.

use super::super::read_call;
use super::*;

fn string(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// The parameters of a call with this XML between `<params>` and `</params>`.
fn params(xml: &str) -> Result<Vec<Value>, ReadError> {
    let body = format!("<methodCall><methodName>m</methodName><params>{xml}</params></methodCall>");
    read_call(body.as_bytes()).map(|call| call.params)
}

fn value(xml: &str) -> Result<Vec<Value>, ReadError> {
    params(&format!("<param><value>{xml}</value></param>"))
}

#[test]
fn values_are_strings_or_named_by_their_type() {
    for (xml, want) in [
        ("", string("")),
        (" a ", string(" a ")),
        ("<string/>", string("")),
        ("<string> a </string>", string(" a ")),
        (" \n<string>a</string>\t", string("a")),
        ("<string>a\r\nb\rc</string>", string("a\nb\nc")),
        (
            "<string>&lt;&gt;&quot;&apos;&amp;&#65;&#x1F4A9;</string>",
            string("<>\"'&A💩"),
        ),
        ("<![CDATA[ <&amp;]]>", string(" <&amp;")),
        ("<string>a<![CDATA[b]]>c</string>", string("abc")),
        ("<base64>w7w=</base64>", string("ü")),
        ("<base64>w7w</base64>", string("ü")),
        ("<base64>\n w7\r\nw= </base64>", string("ü")),
        ("<base64>/A==</base64>", string("ü")),
        ("<base64/>", string("")),
        ("<int>1</int>", Value::Other("int".into())),
        ("<i4/>", Value::Other("i4".into())),
        ("<nil/>", Value::Other("nil".into())),
        ("<boolean>1</boolean>", Value::Other("boolean".into())),
        (
            "<array><data><value>x</value>y<!-- --><value><int>2</int></value></data></array>",
            Value::Other("array".into()),
        ),
    ] {
        assert_eq!(value(xml), Ok(vec![want]), "{xml}");
    }
}

#[test]
fn params_keep_their_order() {
    assert_eq!(
        params(
            "<param><value>a</value></param><param><name>x</name><value><int>1</int></value></param><param><value>b</value></param>"
        ),
        Ok(vec![string("a"), Value::Other("int".into()), string("b")])
    );
    assert_eq!(params(""), Ok(vec![]));
}

#[test]
fn well_formed_xml_that_is_no_call_is_told_from_xml_that_is_not_well_formed() {
    for xml in [
        "<string>a</string><string>b</string>",
        "a<string>b</string>",
        "<string>b</string>a",
        "<int>1</int>a",
        "<string><b/></string>",
        "<base64>*</base64>",
        "<base64>w7w=w7w=</base64>",
    ] {
        assert!(matches!(value(xml), Err(ReadError::NotACall(_))), "{xml}");
    }
    for xml in [
        "<param/>",
        "<param>x<value/></param>",
        "x",
        "<value/>",
        "<param><name><b/></param>",
    ] {
        assert!(params(xml).is_err(), "{xml}");
    }
    // Both wrong: the parse error comes first, however late in the body.
    assert!(matches!(
        read_call(b"<html><p>x</p><br></html>"),
        Err(ReadError::NotWellFormed(_))
    ));
    assert!(matches!(
        read_call(b"<html><p>x</p>&nbsp;</html>"),
        Err(ReadError::Refused(_))
    ));
    assert!(matches!(
        read_call(b"<html><p>x</p></html>"),
        Err(ReadError::NotACall("is not a methodCall"))
    ));
}

#[test]
fn only_a_document_that_is_not_well_formed_is_repaired() {
    // Well formed as it is: the CDATA and the reference mean what they say.
    assert_eq!(value("<![CDATA[a&b]]>&amp;c"), Ok(vec![string("a&b&c")]));
    // Not well formed: the bare ampersand is data, the CDATA still means what it says.
    assert_eq!(
        value("<![CDATA[a&b]]>&c=1&amp;d"),
        Ok(vec![string("a&b&c=1&d")])
    );
    // Beyond repair: an entity is never made into text.
    assert!(matches!(value("&c=1&nbsp;"), Err(ReadError::Refused(_))));
}
