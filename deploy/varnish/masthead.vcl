# Varnish in front of one Masthead: for Varnish 7.1 or newer with the xkey module (Debian: varnish, varnish-modules).
# ../README.md says how to start it and what was measured. Lines marked "CHANGE" are yours.
#
# Where a subroutine ends without `return`, the built-in one goes on: it passes POST and Authorization, and stores
# neither Set-Cookie nor `private`, `no-store`, `no-cache`.
vcl 4.1;

import std;
import vsthrottle;
import xkey;

probe alive {
    # CHANGE: any page that Masthead answers with 200.
    .url = "/robots.txt";
    .interval = 1s;
    .timeout = 2s;
    .window = 3;
    .threshold = 2;
    # Well until found ill: a restart of Varnish must not begin with errors.
    .initial = 3;
}

backend masthead {
    .host = "127.0.0.1"; # CHANGE: where Masthead listens
    .port = "8080";      # CHANGE
    .probe = alive;
    .connect_timeout = 2s;
    .first_byte_timeout = 60s;
    .between_bytes_timeout = 60s;
}

# Who may purge.
acl purgers {
    "127.0.0.1"; # CHANGE: where Masthead sends its purges from
    "::1";
}

sub vcl_recv {
    if (req.restarts == 0) {
        call take_the_edge;
    }
    # `vcl_hit` decides how stale is too stale; this only lets it see every stale copy.
    set req.grace = 24h;
    if (req.http.Varnish-Mode == "fresh") {
        set req.grace = 0s;
    }

    if (req.method == "PURGE") {
        call purge;
    }
    # Anything else the built-in subroutine would pipe: a blind tunnel to the origin.
    if (req.method !~ "^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$") {
        return (synth(405, "Method Not Allowed"));
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }

    # Who has a session, or has just written something, is answered by the origin. Files under /assets/ are
    # named by their content: those are the same bytes for everybody, for ever.
    if (req.url !~ "^/assets/" && req.http.Cookie ~ "(^|;)\s*(__Host-)?(sid|ryw)=") {
        return (pass);
    }
    # No public page depends on any other cookie.
    unset req.http.Cookie;

    call fold_query;
    # Only once: by a restart Varnish itself has taken `br` out of the header.
    if (req.restarts == 0) {
        call fold_encoding;
    }
}

# What a client must not decide: its address, and headers with a meaning between Masthead and this cache.
sub take_the_edge {
    # A header may come in several lines, and the rules below look at one.
    std.collect(req.http.Cookie, "; ");
    std.collect(req.http.Accept-Encoding);
    # Varnish has appended the peer's address by now. With anything in front of that, somebody else relays this
    # request, and "the peer is local" says nothing about who asks for the purge.
    if (req.method == "PURGE" && req.http.X-Forwarded-For != "" + client.ip) {
        return (synth(403, "Forbidden"));
    }
    set req.http.X-Forwarded-For = client.ip;
    unset req.http.Forwarded;
    unset req.http.X-Real-IP;
    unset req.http.X-Client-IP;
    unset req.http.X-Cluster-Client-IP;
    unset req.http.True-Client-IP;
    unset req.http.CF-Connecting-IP;
    unset req.http.Fastly-Client-IP;
    unset req.http.Fly-Client-IP;
    unset req.http.X-Forwarded-Host;
    unset req.http.X-Forwarded-Port;
    unset req.http.X-Forwarded-Proto;
    unset req.http.X-Forwarded-Prefix;
    unset req.http.X-Original-URL;
    unset req.http.X-Rewrite-URL;
    unset req.http.Proxy;
    unset req.http.Upgrade;
    unset req.http.Varnish-Mode;
    unset req.http.Varnish-Stale;
    unset req.http.Varnish-Encoding;
    unset req.http.Varnish-Pass;
    unset req.http.xkey-purged;
    if (req.method != "PURGE") {
        unset req.http.xkey-purge;
        unset req.http.xkey-softpurge;
    }
}

# PURGE / with `xkey-purge: tag …` (gone at once, whatever happens to the origin) or `xkey-softpurge: tag …`
# (shown again only if the origin cannot answer). The answer says how many copies that were.
sub purge {
    if (client.ip !~ purgers) {
        return (synth(403, "Forbidden"));
    }
    if (req.http.xkey-purge) {
        set req.http.xkey-purged = xkey.purge(req.http.xkey-purge);
    } elsif (req.http.xkey-softpurge) {
        set req.http.xkey-purged = xkey.softpurge(req.http.xkey-softpurge);
    } else {
        return (synth(400, "Name tags in xkey-purge or xkey-softpurge"));
    }
    return (synth(200, "Purged"));
}

# Parameters that only tell marketing where a reader came from must not make a page new, and neither must the order
# of the others. Whether the others mean anything the origin decides.
sub fold_query {
    if (req.url ~ "\?") {
        set req.url = regsuball(req.url, "(?i)([?&])(utm_[a-z0-9_]+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|twclid|yclid|igshid|mc_cid|mc_eid|_ga|_gl)(=[^&]*)?(?=&|$)", "\1");
        set req.url = regsuball(req.url, "&&+", "&");
        set req.url = regsub(req.url, "\?&", "?");
        set req.url = regsub(req.url, "[?&]+$", "");
        set req.url = std.querysort(req.url);
    }
}

# br, gzip or nothing, by the origin's own rule. Varnish knows gzip only: it would ask for that alone, and leave
# Accept-Encoding out of Vary. So the choice is kept aside, is part of the key, and is put back towards the origin.
sub fold_encoding {
    if (req.http.Accept-Encoding ~ "(^|,)\s*br\s*(;(?!\s*q=0(\.0*)?\s*(,|$))[^,]*)?(,|$)") {
        set req.http.Varnish-Encoding = "br";
    } elsif (req.http.Accept-Encoding ~ "(^|,)\s*gzip\s*(;(?!\s*q=0(\.0*)?\s*(,|$))[^,]*)?(,|$)") {
        set req.http.Varnish-Encoding = "gzip";
    } else {
        unset req.http.Varnish-Encoding;
    }
    # Where Varnish was started with http_gzip_support=off it does heed Vary, and this is what it compares.
    unset req.http.Accept-Encoding;
    if (req.http.Varnish-Encoding) {
        set req.http.Accept-Encoding = req.http.Varnish-Encoding;
    }
}

sub vcl_hash {
    # Then the built-in one adds address and host.
    hash_data(req.http.Varnish-Encoding);
}

sub vcl_pass {
    set req.http.Varnish-Pass = "yes";
}

sub vcl_hit {
    if (obj.ttl > 0s || req.http.Varnish-Mode == "stale") {
        return (deliver);
    }
    if (!std.healthy(req.backend_hint) || (vsthrottle.remaining("any", 1, 10s) < 1 && vsthrottle.remaining(req.http.Host + req.url, 1, 5s) < 1)) {
        return (deliver);
    }
    # Run out by itself: one reader fetches in the background, all are served from the copy meanwhile.
    # A copy that was purged softly ran out before its time, and there is a new text to be seen: readers wait for it.
    if (obj.ttl > -30s && obj.ttl + obj.age > std.duration(obj.http.Varnish-TTL, 0s) - 10ms) {
        return (deliver);
    }
    set req.http.Varnish-Mode = "fresh";
    set req.http.Varnish-Stale = "yes";
    return (restart);
}

sub vcl_miss {
    # Those who waited for the fresh text together need not fail one after the other.
    if (req.http.Varnish-Mode == "fresh" && vsthrottle.remaining("any", 1, 10s) < 1 && vsthrottle.remaining(req.http.Host + req.url, 1, 5s) < 1) {
        call settle_for_stale;
        return (restart);
    }
}

sub settle_for_stale {
    set req.http.Varnish-Mode = "stale";
    unset req.http.Varnish-Stale;
}

sub vcl_backend_fetch {
    if (bereq.uncacheable) {
        return (fetch);
    }
    # A stale copy is on its way already. Readers who wait for this page wait until this fetch is over, too.
    if (bereq.is_bgfetch && vsthrottle.remaining("any", 1, 10s) < 1 && vsthrottle.remaining(bereq.http.Host + bereq.url, 1, 5s) < 1) {
        return (abandon);
    }
    # Others wait for this one answer, so it must not take its time, least of all where a stale copy would do.
    set bereq.first_byte_timeout = 10s;
    if (bereq.http.Varnish-Stale) {
        set bereq.first_byte_timeout = 3s;
    }
    unset bereq.http.Accept-Encoding;
    if (bereq.http.Varnish-Encoding) {
        set bereq.http.Accept-Encoding = bereq.http.Varnish-Encoding;
    }
}

sub vcl_backend_response {
    # Varnish neither packs nor unpacks: the ETag belongs to the bytes as they are.
    set beresp.do_gzip = false;
    set beresp.do_gunzip = false;
    # It would overrule `private` in the built-in subroutine.
    unset beresp.http.Surrogate-Control;
    if (bereq.uncacheable) {
        return (deliver);
    }

    if (beresp.status >= 500) {
        # A delivered answer ends the stale copy that it was to replace, so these must not get there.
        call note_failure;
        if (bereq.is_bgfetch) {
            return (abandon);
        }
        if (bereq.http.Varnish-Stale) {
            return (error(503, "The origin failed"));
        }
        # Not stored, and those who waited need not wait for each other.
        set beresp.uncacheable = true;
        set beresp.ttl = 1s;
        set beresp.grace = 0s;
        return (deliver);
    }

    # A 304 carries the tags of the stored copy unless it brings its own.
    if (beresp.http.Surrogate-Key) {
        std.collect(beresp.http.Surrogate-Key, " ");
        set beresp.http.xkey = beresp.http.Surrogate-Key;
    }
    unset beresp.http.Surrogate-Key;
    unset beresp.http.Cache-Tag;
    unset beresp.http.CDN-Cache-Control;

    if (beresp.status >= 400 && beresp.ttl > 10s) {
        set beresp.ttl = 10s;
    }
    # How long a copy outlives its time while the origin cannot answer, the origin says.
    set beresp.keep = 0s;
    set beresp.grace = 0s;
    if (beresp.status < 400 && beresp.http.Cache-Control ~ "(?i)stale-if-error=[0-9]+") {
        set beresp.grace = std.duration(regsub(beresp.http.Cache-Control, "(?i)^.*stale-if-error=([0-9]+).*$", "\1s"), 0s);
    }
    set beresp.http.Varnish-TTL = beresp.ttl + "s";
}

# For the next 5 s a stale copy of this page is shown without asking first. "any" spares the other pages a mark of
# their own as long as nothing fails: marks are removed only where failures are noted.
sub note_failure {
    set bereq.http.Varnish-Noted = vsthrottle.is_denied("any", 1, 10s);
    set bereq.http.Varnish-Noted = vsthrottle.is_denied(bereq.http.Host + bereq.url, 1, 5s);
}

sub vcl_backend_error {
    call note_failure;
    if (bereq.is_bgfetch) {
        return (abandon);
    }
    # Where others waited for this same answer, Varnish keeps the error for a second, so that they do not fail one
    # after the other. It must not last longer, nor hide a stale copy.
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    if (bereq.http.Varnish-Stale) {
        set beresp.ttl = 0s;
    }
    call error_page;
    return (deliver);
}

sub error_page {
    set beresp.http.Content-Type = "text/html; charset=utf-8";
    set beresp.http.Cache-Control = "private, no-store";
    set beresp.http.Retry-After = "5";
    unset beresp.http.Server;
    set beresp.body = {"<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Back soon</title><h1>Back soon</h1><p>The site does not answer. Please try again in a moment.</p></html>"};
}

sub vcl_deliver {
    if (resp.status >= 500 && req.http.Varnish-Mode == "fresh") {
        call settle_for_stale;
        return (restart);
    }
    call say_cache_status;
    unset resp.http.Surrogate-Key;
    unset resp.http.Cache-Tag;
    unset resp.http.CDN-Cache-Control;
    unset resp.http.xkey;
    unset resp.http.Varnish-TTL;
    unset resp.http.X-Varnish;
    unset resp.http.Via;
}

# RFC 9211: each cache appends itself.
sub say_cache_status {
    std.collect(resp.http.Cache-Status);
    if (resp.http.Cache-Status) {
        set resp.http.Cache-Status = resp.http.Cache-Status + ", ";
    }
    set resp.http.Cache-Status = resp.http.Cache-Status + "varnish; ";
    if (req.http.Varnish-Pass) {
        set resp.http.Cache-Status = resp.http.Cache-Status + "fwd=bypass";
    } elsif (obj.hits > 0) {
        set resp.http.Cache-Status = resp.http.Cache-Status + "hit; ttl=" + regsub(obj.ttl, "\..*$", "");
    } elsif (req.http.Varnish-Mode == "fresh") {
        set resp.http.Cache-Status = resp.http.Cache-Status + "fwd=stale";
    } else {
        set resp.http.Cache-Status = resp.http.Cache-Status + "fwd=uri-miss";
    }
    if (!req.http.Varnish-Pass && obj.hits == 0 && !obj.uncacheable && obj.ttl > 0s) {
        set resp.http.Cache-Status = resp.http.Cache-Status + "; stored";
    }
}

sub vcl_synth {
    set resp.http.Cache-Control = "private, no-store";
    set resp.http.Content-Type = "text/plain; charset=utf-8";
    unset resp.http.X-Varnish;
    unset resp.http.Server;
    if (resp.status == 405) {
        set resp.http.Allow = "GET, HEAD, POST";
    }
    if (req.http.xkey-purged) {
        set resp.http.xkey-purged = req.http.xkey-purged;
    }
    set resp.body = resp.reason + {"
"};
    return (deliver);
}
