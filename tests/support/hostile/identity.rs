//! Certificates: of an authority of our own, and of others.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Whom a server says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// 127.0.0.1, by our authority.
    Good,
    /// Somebody else, by our authority.
    OtherName,
    /// 127.0.0.1, by our authority, until 2001.
    Expired,
    /// 127.0.0.1, by our authority, from 2999 on.
    NotYetValid,
    /// 127.0.0.1, by an authority that nobody knows.
    UnknownAuthority,
    /// 127.0.0.1, by itself.
    SelfSigned,
}

type Authority = Issuer<'static, KeyPair>;

fn authority(name: &str) -> (Authority, CertificateDer<'static>) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let der = certificate.der().clone();
    (Issuer::new(params, key), der)
}

fn ours() -> &'static (Authority, CertificateDer<'static>) {
    static OURS: OnceLock<(Authority, CertificateDer<'static>)> = OnceLock::new();
    OURS.get_or_init(|| authority("The authority of the tests"))
}

/// The certificate of the authority that is to be trusted, as a file's text.
pub(crate) fn root_pem() -> String {
    let text = STANDARD.encode(&ours().1);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).unwrap())
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// A server that says it is `identity`, and speaks `protocol` if the client does.
pub(crate) fn server(identity: Identity, protocol: &[u8]) -> Arc<ServerConfig> {
    let name = if identity == Identity::OtherName {
        "elsewhere.example"
    } else {
        "127.0.0.1"
    };
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    match identity {
        Identity::Expired => {
            params.not_before = date_time_ymd(2000, 1, 1);
            params.not_after = date_time_ymd(2001, 1, 1);
        }
        Identity::NotYetValid => {
            params.not_before = date_time_ymd(2999, 1, 1);
            params.not_after = date_time_ymd(3000, 1, 1);
        }
        Identity::Good
        | Identity::OtherName
        | Identity::UnknownAuthority
        | Identity::SelfSigned => {}
    }
    let key = KeyPair::generate().unwrap();
    let certificate = match identity {
        Identity::SelfSigned => params.self_signed(&key),
        Identity::UnknownAuthority => params.signed_by(&key, &authority("Nobody").0),
        Identity::Good | Identity::OtherName | Identity::Expired | Identity::NotYetValid => {
            params.signed_by(&key, &ours().0)
        }
    }
    .unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![protocol.to_vec()];
    Arc::new(config)
}
