"""The network of a request's sender, for limits on people without an account."""

import ipaddress

from django.http import HttpRequest

from solidarity.lib.http.client_address import address_of


def network_of(request: HttpRequest) -> str:
    """Return the /24 of an IPv4 address or the /48 of an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address_of(request))
    except ValueError:
        return "unknown"
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))
