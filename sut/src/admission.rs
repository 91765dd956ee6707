//! The rules, done: which login is let in, and who is kicked for it. Pure: a record and a login in, an admission out.

// pub struct Login { user_id, user_sig, sdk_app_id, session: Session }
// pub fn judge(app: &App, login: &Login, now: UnixMillis) -> Result<(), Refusal>;   // LOGIN-8 (70402 first)
// pub enum Admission { Admitted { record: Record, kicked: Vec<Kicked>, replaced: Option<Session> }, Superseded }  // KICK-*, LOGIN-9, LINK-3
// pub struct Kicked { session: Session, reason: KickReason }   // in login order
// pub fn admit(app: &App, record: Record, newcomer: Session) -> Admission;
