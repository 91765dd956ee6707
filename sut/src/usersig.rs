//! UserSig v2: making and judging. (SIG-2, LOGIN-8)

// pub fn make(app_id: u64, secret_key: &str, identifier: &str, time_s: u64, expire_s: u64, userbuf: Option<&[u8]>) -> String
// pub fn judge(app: &App, identifier: &str, user_sig: &str, now: UnixMillis) -> Result<UserSig, Refusal>   // LOGIN-8's order
