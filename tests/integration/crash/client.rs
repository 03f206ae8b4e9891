//! A browser's half of HTTP, blocking, one connection a request: an answer counts only when it came whole.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::time::{Duration, Instant};

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::support::Response;

/// Far beyond every limit of the server: reached only when it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody with a session, or nobody in particular.
#[derive(Clone)]
pub struct Client {
    pub port: u16,
    session: Option<String>,
}

impl Client {
    pub fn new(port: u16) -> Client {
        Client {
            port,
            session: None,
        }
    }

    pub fn get(&self, path: &str) -> io::Result<Response> {
        let mut stream = self.connect()?;
        stream.write_all(self.head("GET", path, "").as_bytes())?;
        receive(stream)
    }

    /// A form from a page of the site. A session that the answer opens is kept.
    pub fn post(&mut self, path: &str, form: &[(&str, &str)]) -> io::Result<Response> {
        let body = encode(form);
        let mut stream = self.connect()?;
        stream.write_all((self.head("POST", path, &form_headers(&body)) + &body).as_bytes())?;
        let answer = receive(stream)?;
        let cookies = answer
            .headers
            .get_all("set-cookie")
            .filter_map(|cookie| cookie.to_str().ok()?.split(';').next());
        self.session = cookies
            .filter(|cookie| cookie.starts_with("sid="))
            .map(str::to_owned)
            .last()
            .or(self.session.take());
        Ok(answer)
    }

    /// Sends the head of a form and waits until the server asks for the rest: from then on the request is in flight.
    pub fn begin_post(&self, path: &str, form: &[(&str, &str)]) -> io::Result<HalfSent> {
        let body = encode(form);
        let mut stream = self.connect()?;
        stream.write_all(
            self.head(
                "POST",
                path,
                &(form_headers(&body) + "Expect: 100-continue\r\n"),
            )
            .as_bytes(),
        )?;
        let mut go_on = [0; 25];
        stream.read_exact(&mut go_on)?;
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
        Ok(HalfSent { stream, body })
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    fn head(&self, method: &str, path: &str, more: &str) -> String {
        let session = self
            .session
            .as_ref()
            .map(|session| format!("Cookie: {session}\r\n"))
            .unwrap_or_default();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n{session}{more}\r\n",
            self.port
        )
    }
}

/// Asks again while the site says "not now", which a machine with much else to do can make it say.
pub fn patient(mut ask: impl FnMut() -> io::Result<Response>) -> Response {
    let begun = Instant::now();
    loop {
        let answer = ask().unwrap();
        if answer.status.as_u16() != 503 || begun.elapsed() > PATIENCE {
            return answer;
        }
    }
}

/// A request whose body the server is waiting for.
pub struct HalfSent {
    stream: TcpStream,
    body: String,
}

impl HalfSent {
    pub fn finish(mut self) -> io::Result<Response> {
        self.stream.write_all(self.body.as_bytes())?;
        receive(self.stream)
    }
}

fn encode(form: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish()
}

fn form_headers(body: &str) -> String {
    format!(
        "Sec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n",
        body.len()
    )
}

fn receive(mut stream: TcpStream) -> io::Result<Response> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or(ErrorKind::UnexpectedEof)?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| ErrorKind::InvalidData)?;
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1)?.parse().ok())
        .ok_or(ErrorKind::InvalidData)?;
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers.append(
            HeaderName::try_from(name).unwrap(),
            HeaderValue::try_from(value).unwrap(),
        );
    }
    let response = Response {
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        body: bytes[end + 4..].to_vec(),
    };
    match response.header("content-length").map(str::parse::<usize>) {
        Some(Ok(length)) if length == response.body.len() => Ok(response),
        Some(_) => Err(ErrorKind::UnexpectedEof.into()),
        None => panic!("an answer of unknown length: {head}"),
    }
}
