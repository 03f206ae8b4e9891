//! Who may do what: one question, asked by every page, form and command.

use super::current_user::CurrentUser;
use super::model::Role;

/// Something a person wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    WritePost,
    WritePage,
    /// See a draft, save, publish, unpublish, trash, restore.
    EditPost,
    Comment,
    EditComment,
    DeleteComment,
    /// Approve, hide, or remove somebody's comment.
    DecideComment,
    ReportComment,
    ManageSite,
    Invite,
    /// Give a person another role.
    ChangeRole {
        from: Role,
        to: Role,
    },
    /// Set a handle free that a person gave up.
    FreeHandle,
}

/// What it would be done to.
#[derive(Clone, Copy, Debug)]
pub enum Object<'a> {
    Nothing,
    Post {
        authors: &'a [i64],
        page: bool,
    },
    /// `open`: still inside the edit window.
    Comment {
        writer: i64,
        post_authors: &'a [i64],
        open: bool,
    },
    Person {
        id: i64,
    },
}

/// The one place that decides. Deny is the default: an act that does not fit its object is refused.
pub fn can(actor: Option<&CurrentUser>, act: Act, object: Object<'_>) -> bool {
    let Some(actor) = actor else { return false };
    let role = actor.role;
    match (act, object) {
        (Act::WritePost, Object::Nothing) => role >= Role::Author,
        (Act::WritePage | Act::ManageSite | Act::Invite, Object::Nothing) => role >= Role::Admin,
        (Act::FreeHandle, Object::Person { .. }) => role >= Role::Admin,
        (Act::EditPost, Object::Post { page: true, .. }) => role >= Role::Admin,
        (
            Act::EditPost,
            Object::Post {
                authors,
                page: false,
            },
        ) => role >= Role::Admin || (role >= Role::Author && authors.contains(&actor.id)),
        (Act::Comment, Object::Nothing) => true,
        (Act::EditComment, Object::Comment { writer, open, .. }) => writer == actor.id && open,
        (Act::DeleteComment, Object::Comment { writer, .. }) => writer == actor.id,
        (Act::DecideComment, Object::Comment { post_authors, .. }) => {
            role >= Role::Moderator || (role >= Role::Author && post_authors.contains(&actor.id))
        }
        (Act::ReportComment, Object::Comment { writer, .. }) => writer != actor.id,
        // Nobody raises or lowers somebody at or above their own level, or themselves: an admin cannot
        // make admins, and the last owner cannot vanish by a slip.
        (Act::ChangeRole { from, to }, Object::Person { id }) => {
            role >= Role::Admin && id != actor.id && from < role && to < role
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: i64, role: Role) -> CurrentUser {
        CurrentUser::for_tests(id, role)
    }

    #[test]
    fn nobody_signed_in_may_nothing() {
        assert!(!can(None, Act::Comment, Object::Nothing));
        assert!(!can(
            None,
            Act::EditPost,
            Object::Post {
                authors: &[1],
                page: false
            }
        ));
    }

    #[test]
    fn authors_edit_their_own_and_admins_all() {
        let own = Object::Post {
            authors: &[1, 2],
            page: false,
        };
        assert!(can(Some(&user(2, Role::Author)), Act::EditPost, own));
        assert!(!can(Some(&user(3, Role::Author)), Act::EditPost, own));
        assert!(!can(Some(&user(3, Role::Moderator)), Act::EditPost, own));
        assert!(can(Some(&user(3, Role::Admin)), Act::EditPost, own));
        // Lowered to reader: the authorship stays, the right does not.
        assert!(!can(Some(&user(1, Role::Reader)), Act::EditPost, own));
        assert!(!can(
            Some(&user(1, Role::Author)),
            Act::EditPost,
            Object::Post {
                authors: &[1],
                page: true
            }
        ));
    }

    #[test]
    fn roles_are_given_only_below_ones_own() {
        let change = |actor: Role, from, to| {
            can(
                Some(&user(1, actor)),
                Act::ChangeRole { from, to },
                Object::Person { id: 2 },
            )
        };
        assert!(change(Role::Admin, Role::Reader, Role::Moderator));
        assert!(!change(Role::Admin, Role::Reader, Role::Admin));
        assert!(!change(Role::Admin, Role::Owner, Role::Reader));
        assert!(change(Role::Owner, Role::Admin, Role::Reader));
        assert!(!change(Role::Moderator, Role::Reader, Role::Author));
        let own = can(
            Some(&user(1, Role::Owner)),
            Act::ChangeRole {
                from: Role::Owner,
                to: Role::Reader,
            },
            Object::Person { id: 1 },
        );
        assert!(!own);
    }

    #[test]
    fn an_act_on_the_wrong_kind_of_thing_is_refused() {
        assert!(!can(
            Some(&user(1, Role::Owner)),
            Act::EditPost,
            Object::Nothing
        ));
        assert!(!can(
            Some(&user(1, Role::Owner)),
            Act::ManageSite,
            Object::Person { id: 1 }
        ));
    }
}
