"""From where a request comes, past the proxies we know."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


def networks(texts: Sequence[str]) -> list[Network]:
    """Addresses and networks as written: 127.0.0.1, 10.0.0.0/8, fd00::/8. Raises ValueError."""
    return [ip_network(text) for text in texts]


def client_address(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """The address of the client: of the peer, or what our own proxies say of who asked them.

    `forwarded` is the header X-Forwarded-For: each proxy adds its peer on the right. What stands
    left of the first address that is no proxy of ours is hearsay: anybody can send it.
    """
    address = peer
    for hop in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
        if not _is_one_of(address, proxies) or _parsed(hop) is None:
            break
        address = hop
    return address


def _is_one_of(address: str, proxies: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in proxies)


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
