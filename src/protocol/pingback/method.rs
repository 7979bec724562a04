//! [`Method`]: the methods of the endpoint, and how they describe themselves.

use crate::protocol::xmlrpc::Reply;

/// A method of the endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `pingback.ping`
    Ping,
    /// `pingback.extensions.getPingbacks`
    GetPingbacks,
    /// `system.listMethods`
    ListMethods,
    /// `system.methodSignature`
    MethodSignature,
    /// `system.methodHelp`
    MethodHelp,
    /// `system.getCapabilities`
    GetCapabilities,
}

impl Method {
    /// Every method, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::Ping,
        Self::GetPingbacks,
        Self::ListMethods,
        Self::MethodSignature,
        Self::MethodHelp,
        Self::GetCapabilities,
    ];

    /// The name in a call.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ping => "pingback.ping",
            Self::GetPingbacks => "pingback.extensions.getPingbacks",
            Self::ListMethods => "system.listMethods",
            Self::MethodSignature => "system.methodSignature",
            Self::MethodHelp => "system.methodHelp",
            Self::GetCapabilities => "system.getCapabilities",
        }
    }

    /// The method of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// The types: that of the result, then those of the parameters.
    pub const fn signature(self) -> &'static [&'static str] {
        match self {
            Self::Ping => &["string", "string", "string"],
            Self::GetPingbacks | Self::MethodSignature => &["array", "string"],
            Self::ListMethods => &["array"],
            Self::MethodHelp => &["string", "string"],
            Self::GetCapabilities => &["struct"],
        }
    }

    /// What the method does, in a sentence.
    pub const fn help(self) -> &'static str {
        match self {
            Self::Ping => {
                "Notes that the page sourceURI links to the page targetURI, once that is verified."
            }
            Self::GetPingbacks => "Lists the pages that are known to link to a page.",
            Self::ListMethods => "Lists the methods of this server.",
            Self::MethodSignature => "Gives the types of a method: its result, its parameters.",
            Self::MethodHelp => "Says what a method does.",
            Self::GetCapabilities => "Lists the specifications that this server follows.",
        }
    }
}

/// The response to `system.listMethods`.
pub fn write_methods() -> String {
    Reply::texts(Method::ALL.map(Method::name)).into_response()
}

/// The response to `system.methodSignature`: a list of signatures, each a list of types.
pub fn write_signature(method: Method) -> String {
    Reply::Array(vec![Reply::texts(method.signature().iter().copied())]).into_response()
}

/// The response to `system.methodHelp`.
pub fn write_help(method: Method) -> String {
    Reply::text(method.help()).into_response()
}

/// The response to `system.getCapabilities`, in the shape that WordPress's library gave it.
pub fn write_capabilities() -> String {
    let capability = |url: &str, version| {
        Reply::Struct(vec![
            ("specUrl", Reply::text(url)),
            ("specVersion", Reply::Int(version)),
        ])
    };
    Reply::Struct(vec![
        ("xmlrpc", capability("http://www.xmlrpc.com/spec", 1)),
        (
            "faults_interop",
            capability(
                "http://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php",
                20_010_516,
            ),
        ),
        (
            "introspection",
            capability("http://xmlrpc.usefulinc.com/doc/reserved.html", 1),
        ),
    ])
    .into_response()
}
