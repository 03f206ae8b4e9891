use reqwest::StatusCode;

#[derive(Debug, thiserror::Error)]
pub enum PurgeError {
    #[error("the CDN could not be asked")]
    Unreachable(#[from] reqwest::Error),
    #[error("the CDN at {host} answered {status}")]
    Refused { host: String, status: StatusCode },
    #[error("a tag has a character that no header may have")]
    Tag,
}
