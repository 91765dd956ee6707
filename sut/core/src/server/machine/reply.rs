//! What a node answers to an administrator. Plain data; it decides nothing.

use crate::code::Refusal;
use crate::session::Platform;

/// The one answer to an administrator's request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Every session of the account was kicked, and older UserSigs are revoked (REST-1).
    Kicked {
        /// The first Unix second from which UserSigs are let in.
        user_sig_from_s: u64,
    },
    /// Who is online, in the order of the question (REST-2).
    Statuses(Vec<AccountStatus>),
    /// It cannot be served now; if it was a kick, it may be asked again.
    Refused(Refusal),
}

/// Where one account is online.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountStatus {
    /// The account.
    pub user_id: String,
    /// The platform of each of its sessions, in login order; empty if it is offline.
    pub platforms: Vec<Platform>,
}
