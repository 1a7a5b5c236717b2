"""Where events may be sent: what a URL may be, and which addresses are nobody's receiver."""

from ipaddress import ip_address, ip_network

import pytest

from service.operations.targets import Target, may_reach, read_target

REFUSED = [
    "",
    "example.com/events",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com:70/",
    "javascript:alert(1)",
    "http:///events",
    "https://",
    "http://user@example.com/",
    "http://user:secret@example.com/",
    "http://example.com\\@127.0.0.1/",
    "https://example.com/#part",
    "http://exa mple.com/",
    "http://example.com/\r\nX-Evil: 1",
    "http://exämple.com/",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:0/",
    "http://example.com:65536/",
    "http://example.com:x/",
    "http://-x-.com:6379x/",
    "http://127.0.0.1/",
    "http://127.0.0.1:8080/",
    "http://127.0.0.1./",
    "http://127.1/",
    "http://127.0.1/",
    "http://2130706433/",
    "http://017700000001/",
    "http://0177.0.0.1/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0x7f.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.1.2.3/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://168.63.129.16/",
    "http://100.64.0.1/",
    "http://100.100.100.200/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://198.18.0.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[::1/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[2606:4700::1111%25eth0]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::169.254.169.254]/",
    "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::1]/",
    "http://[2001:db8::1]/",
    "http://[100::1]/",
    f"https://example.com/{'x' * 2000}",
]


@pytest.mark.parametrize("url", REFUSED)
def test_a_url_that_leads_inside_or_nowhere_is_refused(url):
    """No form of a URL gets the service to speak to itself, its network, its cloud, or another protocol."""
    with pytest.raises(ValueError, match="expected"):
        read_target(url, ())


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.com", Target("https", "example.com", 443, "/")),
        ("http://example.com./a?b=c", Target("http", "example.com.", 80, "/a?b=c")),
        ("HTTPS://Example.COM:8443/x", Target("https", "example.com", 8443, "/x")),
        ("https://1und1.de/x", Target("https", "1und1.de", 443, "/x")),
        ("https://xn--bcher-kva.example/", Target("https", "xn--bcher-kva.example", 443, "/")),
        ("http://8.8.8.8:80/", Target("http", "8.8.8.8", 80, "/")),
        ("https://[2606:4700::1111]/", Target("https", "2606:4700::1111", 443, "/")),
    ],
)
def test_a_public_url_is_read(url, target):
    """A receiver on the internet can be named by host or address."""
    assert read_target(url, ()) == target


def test_the_operator_may_open_a_network():
    """Inside addresses can be listed, and only those listed are reached."""
    allowed = (ip_network("10.20.0.0/16"), ip_network("fd00:1::/32"))
    assert read_target("http://10.20.3.4:9000/", allowed).host == "10.20.3.4"
    assert may_reach(ip_address("fd00:1::7"), allowed)
    assert not may_reach(ip_address("10.21.0.1"), allowed)
    assert not may_reach(ip_address("127.0.0.1"), allowed)
