use super::DbError;

/// Turns the violation of a named constraint into an error of the caller's, so that "already taken" is
/// decided by the database and never by a look before the insert (two sign-ups would race past it).
pub trait OnConstraint<T> {
    /// `error` where the constraint `name` was violated; any other failure stays what it is.
    ///
    /// # Errors
    ///
    /// All of the query.
    fn on_constraint<E: From<DbError>>(self, name: &str, error: impl FnOnce() -> E)
    -> Result<T, E>;
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint<E: From<DbError>>(
        self,
        name: &str,
        error: impl FnOnce() -> E,
    ) -> Result<T, E> {
        self.map_err(
            |e| match e.as_database_error().and_then(|d| d.constraint()) {
                Some(constraint) if constraint == name => error(),
                _ => DbError::from(e).into(),
            },
        )
    }
}
