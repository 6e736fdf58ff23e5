//! Who is answered: requests to this very address, from this very page, with the token.

use rand::TryRng;
use rand::rngs::SysRng;

use crate::error::{Error, Result};

/// What a request has to know.
#[derive(Debug, Clone)]
pub(super) struct Guard {
    token: String,
    port: u16,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Its `Host` is another name: the browser was led here by a foreign one.
    Host,
    /// Its `Origin` is another page.
    Origin,
    /// It lacks the token.
    Token,
}

impl Refusal {
    pub fn message(self) -> &'static str {
        match self {
            Self::Host => "this address is served as 127.0.0.1 only",
            Self::Origin => "only the page that is served here may ask",
            Self::Token => "open the address that `eqprop explore` printed, with its token",
        }
    }
}

impl Guard {
    /// A fresh token for the server on `port`.
    ///
    /// # Errors
    /// [`Error::Io`] if the system has no random numbers.
    pub fn new(port: u16) -> Result<Self> {
        let mut bytes = [0u8; 16];
        SysRng
            .try_fill_bytes(&mut bytes)
            .map_err(|error| Error::io("random numbers".as_ref(), std::io::Error::other(error)))?;
        Ok(Self {
            token: bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            port,
        })
    }

    /// The address of the page.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/?token={}", self.port, self.token)
    }

    /// The cookie that the page sets. Its name holds the port, since cookies do not know ports.
    pub fn cookie(&self) -> String {
        let name = self.cookie_name();
        format!("{name}={}; HttpOnly; SameSite=Strict; Path=/", self.token)
    }

    fn cookie_name(&self) -> String {
        format!("eqprop_{}", self.port)
    }

    /// Whether this is the token, in a time that does not depend on where it differs.
    pub fn knows(&self, given: &str) -> bool {
        let pairs = given.bytes().zip(self.token.bytes());
        let gap = pairs.fold(0, |gap, (given, own)| gap | (given ^ own));
        gap == 0 && given.len() == self.token.len()
    }

    /// Judges the headers of a request and the token in its query.
    pub fn check(
        &self,
        host: Option<&str>,
        origin: Option<&str>,
        cookies: Option<&str>,
        query_token: Option<&str>,
    ) -> std::result::Result<(), Refusal> {
        let own = [
            format!("127.0.0.1:{}", self.port),
            format!("localhost:{}", self.port),
        ];
        if !host.is_some_and(|host| own.iter().any(|own| own == host)) {
            return Err(Refusal::Host);
        }
        let from_here = |origin: &str| {
            let address = origin.strip_prefix("http://");
            address.is_some_and(|address| own.iter().any(|own| own == address))
        };
        if origin.is_some_and(|origin| !from_here(origin)) {
            return Err(Refusal::Origin);
        }
        let name = self.cookie_name();
        let mut kept = cookies.unwrap_or("").split(';').filter_map(|cookie| {
            let (key, value) = cookie.trim().split_once('=')?;
            (key == name).then_some(value)
        });
        if query_token.is_some_and(|token| self.knows(token)) || kept.any(|token| self.knows(token))
        {
            Ok(())
        } else {
            Err(Refusal::Token)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_page_with_the_token_is_answered() {
        let guard = Guard::new(4100).unwrap();
        let token = guard.token.clone();
        let host = Some("127.0.0.1:4100");
        let cookie = format!("other=1; eqprop_4100={token}");
        assert_eq!(guard.check(host, None, None, Some(&token)), Ok(()));
        assert_eq!(guard.check(host, None, Some(&cookie), None), Ok(()));
        let origin = Some("http://localhost:4100");
        assert_eq!(guard.check(host, origin, Some(&cookie), None), Ok(()));
        for foreign in [
            None,
            Some("evil.example"),
            Some("127.0.0.1:4101"),
            Some("127.0.0.1"),
        ] {
            let refused = guard.check(foreign, None, Some(&cookie), None);
            assert_eq!(refused, Err(Refusal::Host));
        }
        for foreign in ["http://evil.example", "null", "https://127.0.0.1:4100"] {
            let refused = guard.check(host, Some(foreign), Some(&cookie), None);
            assert_eq!(refused, Err(Refusal::Origin));
        }
        for wrong in [None, Some(""), Some(&token[1..]), Some("0")] {
            assert_eq!(guard.check(host, None, None, wrong), Err(Refusal::Token));
        }
        let other_port = format!("eqprop_4101={token}");
        let refused = guard.check(host, None, Some(&other_port), None);
        assert_eq!(refused, Err(Refusal::Token));
        assert_ne!(Guard::new(4100).unwrap().token, token);
    }
}
