//! Names of cache tags stand in rows and headers that nodes and proxies of another release read: they stay as they are.

use masthead::db::CacheTag;
use masthead::features::{accounts, comments, posts, site};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x019a_1111_2222_7333_8444_5555_6666_7777);

fn names(tag: &CacheTag) -> Vec<&str> {
    tag.names().collect()
}

#[test]
fn tags_are_called_as_the_release_before_calls_them() {
    use accounts::cache_tags::{author, people, picture};
    use comments::cache_tags::{count, thread};
    use posts::cache_tags::{address, by, pages, post, posts, topic};
    let id = "019a1111222273338444555566667777";
    let half = "8444555566667777";
    let both = |kind: &str| vec![format!("{kind}-{id}"), format!("{kind}-{half}")];
    let kept: Vec<(CacheTag, Vec<String>)> = vec![
        (site::cache_tags::site(), vec!["site".into()]),
        (posts(), vec!["list".into(), "posts".into()]),
        (pages(), vec!["pages".into()]),
        (people(), vec!["people".into()]),
        (post(ID), both("post")),
        (count(ID), both("count")),
        (thread(ID), both("thread")),
        (picture(ID), vec![format!("picture-{id}")]),
        (author("ann"), vec!["author-ann".into()]),
        (
            author("Ян Кошкин"),
            vec!["author-%D0%AF%D0%BD%20%D0%9A%D0%BE%D1%88%D0%BA%D0%B8%D0%BD".into()],
        ),
        (
            author(&"字".repeat(40)),
            vec!["author-d947a8713ec0e50af65a6a67".into()],
        ),
        (by("ann"), vec!["list-by-ann".into(), "by-ann".into()]),
        (
            topic("словарь"),
            vec![
                "list-tag-%D1%81%D0%BB%D0%BE%D0%B2%D0%B0%D1%80%D1%8C".into(),
                "tag-%D1%81%D0%BB%D0%BE%D0%B2%D0%B0%D1%80%D1%8C".into(),
            ],
        ),
        (
            topic("a,b c\"d%"),
            vec![
                "list-tag-a%2Cb%20c%22d%25".into(),
                "tag-a%2Cb%20c%22d%25".into(),
            ],
        ),
        (
            address("/@ann/hello"),
            vec![
                "at-48163690fc1476584d5ccf24533029c3".into(),
                "at-48163690fc147658".into(),
            ],
        ),
        (
            address("/2019/Приливы"),
            vec![
                "at-bacba2b4b523342cc0c7eacd6af227c5".into(),
                "at-bacba2b4b523342c".into(),
            ],
        ),
    ];
    for (tag, called) in &kept {
        assert_eq!(&names(tag), called);
    }
}
