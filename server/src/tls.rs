//! TLS on the same port: a connection that begins with a handshake is TLS, any other is plain HTTP. So `aws:SecureTransport`
//! is what the connection is, and both answers can be seen on one endpoint.

use rcgen::{CertificateParams, DnType, PublicKeyData, SigningKey as Signs};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, pem::PemObject as _},
};
use std::{path::Path, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// The first byte of a TLS handshake. No HTTP method begins with it.
pub(crate) const HANDSHAKE: u8 = 0x16;
/// Whom a certificate of our own is for.
const NAMES: [&str; 4] = ["localhost", "*.localhost", "127.0.0.1", "::1"];

/// A certificate and its key, ready to serve.
#[derive(Clone)]
pub struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    certificate: String,
}

/// TLS cannot be offered.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file.
    #[error("failed to read `{path}`: {why}")]
    File {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// The certificate does not fit the key, or could not be made.
    #[error("failed to use the certificate: {0}")]
    Certificate(String),
    /// The processor is too old for the cryptography.
    #[error(
        "TLS needs a processor with AES, AVX2, BMI1, ADX and PCLMULQDQ (x86-64) or AES and SHA2 (ARM)"
    )]
    Processor,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// A key of this process, which signs its own certificate.
struct Key {
    secret: p256::ecdsa::SigningKey,
    public: Box<[u8]>,
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        &self.public
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl Signs for Key {
    fn sign(&self, text: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        use p256::ecdsa::signature::Signer as _;
        let signature: p256::ecdsa::DerSignature = self.secret.sign(text);
        Ok(signature.as_bytes().to_vec())
    }
}

impl Tls {
    /// With a certificate made now, for this machine's own names and `more`.
    ///
    /// # Errors
    /// There is no entropy, or a name is none.
    pub fn self_signed(more: &[String]) -> Result<Self, TlsError> {
        let wrong = |why: String| TlsError::Certificate(why);
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).map_err(|error| wrong(error.to_string()))?;
        let secret =
            p256::ecdsa::SigningKey::from_slice(&seed).map_err(|error| wrong(error.to_string()))?;
        let public = secret
            .verifying_key()
            .to_sec1_point(false)
            .as_bytes()
            .into();
        let names: Vec<String> = NAMES
            .iter()
            .map(|name| (*name).to_owned())
            .chain(more.iter().cloned())
            .collect();
        let mut params = CertificateParams::new(names).map_err(|error| wrong(error.to_string()))?;
        params
            .distinguished_name
            .push(DnType::CommonName, "rolecall, made on this machine");
        let mut serial = [0; 16];
        getrandom::fill(&mut serial).map_err(|error| wrong(error.to_string()))?;
        params.serial_number = Some(serial.to_vec().into());
        let key = Key { secret, public };
        let made = params
            .self_signed(&key)
            .map_err(|error| wrong(error.to_string()))?;
        use p256::pkcs8::EncodePrivateKey as _;
        let der = key
            .secret
            .to_pkcs8_der()
            .map_err(|error| wrong(error.to_string()))?;
        let der = PrivatePkcs8KeyDer::from(der.as_bytes().to_vec());
        Self::of(vec![made.der().clone()], der.into(), made.pem())
    }

    /// With a certificate (its chain behind it) and its key, both PEM.
    ///
    /// # Errors
    /// A file cannot be read or is something else.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let wrong = |path: &Path, why: String| TlsError::File {
            path: path.display().to_string(),
            why,
        };
        let text = std::fs::read_to_string(certificate)
            .map_err(|error| wrong(certificate, error.to_string()))?;
        let chain = CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<Vec<_>, _>>();
        let chain = chain.map_err(|error| wrong(certificate, error.to_string()))?;
        let key_der =
            PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, error.to_string()))?;
        Self::of(chain, key_der, text)
    }

    fn of(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
        certificate: String,
    ) -> Result<Self, TlsError> {
        if !processor_will_do() {
            return Err(TlsError::Processor);
        }
        let wrong = |error: rustls::Error| TlsError::Certificate(error.to_string());
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(rustls_graviola::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(wrong)?
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .map_err(wrong)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            acceptor: Arc::new(config).into(),
            certificate,
        })
    }

    /// The certificate as PEM, for clients to trust.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }
}

/// graviola would end the process on an older one.
pub(crate) fn processor_will_do() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("aes")
            && std::arch::is_x86_feature_detected!("pclmulqdq")
            && std::arch::is_x86_feature_detected!("bmi1")
            && std::arch::is_x86_feature_detected!("adx")
            && std::arch::is_x86_feature_detected!("avx2")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        true
    }
}
