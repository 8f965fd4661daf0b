"""Python's ssl with VERIFY_X509_STRICT, the default since 3.13: the certificates have all that RFC 5280 asks for."""

import ssl
import urllib.error
import urllib.request

from desk import APPS, check, refused

strict = ssl.create_default_context()
strict.verify_flags |= ssl.VERIFY_X509_STRICT
url = f"{APPS['entra']['base_url']}/v1.0/users"
answer = refused(urllib.error.HTTPError, lambda: urllib.request.urlopen(url, context=strict))
check("behind the handshake Graph wants a token", answer.code == 401, answer)
print("handshake, 401")
