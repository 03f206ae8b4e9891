//! Who may do what: one question, asked by every page, form and command.

use super::current_user::CurrentUser;
use super::model::Role;

/// Something a person wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
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
pub enum Resource<'a> {
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
pub fn can(actor: Option<&CurrentUser>, act: Action, object: Resource<'_>) -> bool {
    let Some(actor) = actor else { return false };
    let role = actor.role;
    match (act, object) {
        (Action::WritePost, Resource::Nothing) => role >= Role::Author,
        (Action::WritePage | Action::ManageSite | Action::Invite, Resource::Nothing) => {
            role >= Role::Admin
        }
        (Action::FreeHandle, Resource::Person { .. }) => role >= Role::Admin,
        (Action::EditPost, Resource::Post { page: true, .. }) => role >= Role::Admin,
        (
            Action::EditPost,
            Resource::Post {
                authors,
                page: false,
            },
        ) => role >= Role::Admin || (role >= Role::Author && authors.contains(&actor.id)),
        (Action::Comment, Resource::Nothing) => true,
        (Action::EditComment, Resource::Comment { writer, open, .. }) => writer == actor.id && open,
        (Action::DeleteComment, Resource::Comment { writer, .. }) => writer == actor.id,
        (Action::DecideComment, Resource::Comment { post_authors, .. }) => {
            role >= Role::Moderator || (role >= Role::Author && post_authors.contains(&actor.id))
        }
        (Action::ReportComment, Resource::Comment { writer, .. }) => writer != actor.id,
        // Nobody raises or lowers somebody at or above their own level, or themselves: an admin cannot
        // make admins, and the last owner cannot vanish by a slip.
        (Action::ChangeRole { from, to }, Resource::Person { id }) => {
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
        assert!(!can(None, Action::Comment, Resource::Nothing));
        assert!(!can(
            None,
            Action::EditPost,
            Resource::Post {
                authors: &[1],
                page: false
            }
        ));
    }

    #[test]
    fn authors_edit_their_own_and_admins_all() {
        let own = Resource::Post {
            authors: &[1, 2],
            page: false,
        };
        assert!(can(Some(&user(2, Role::Author)), Action::EditPost, own));
        assert!(!can(Some(&user(3, Role::Author)), Action::EditPost, own));
        assert!(!can(Some(&user(3, Role::Moderator)), Action::EditPost, own));
        assert!(can(Some(&user(3, Role::Admin)), Action::EditPost, own));
        // Lowered to reader: the authorship stays, the right does not.
        assert!(!can(Some(&user(1, Role::Reader)), Action::EditPost, own));
        assert!(!can(
            Some(&user(1, Role::Author)),
            Action::EditPost,
            Resource::Post {
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
                Action::ChangeRole { from, to },
                Resource::Person { id: 2 },
            )
        };
        assert!(change(Role::Admin, Role::Reader, Role::Moderator));
        assert!(!change(Role::Admin, Role::Reader, Role::Admin));
        assert!(!change(Role::Admin, Role::Owner, Role::Reader));
        assert!(change(Role::Owner, Role::Admin, Role::Reader));
        assert!(!change(Role::Moderator, Role::Reader, Role::Author));
        let own = can(
            Some(&user(1, Role::Owner)),
            Action::ChangeRole {
                from: Role::Owner,
                to: Role::Reader,
            },
            Resource::Person { id: 1 },
        );
        assert!(!own);
    }

    #[test]
    fn an_act_on_the_wrong_kind_of_thing_is_refused() {
        assert!(!can(
            Some(&user(1, Role::Owner)),
            Action::EditPost,
            Resource::Nothing
        ));
        assert!(!can(
            Some(&user(1, Role::Owner)),
            Action::ManageSite,
            Resource::Person { id: 1 }
        ));
    }
}
