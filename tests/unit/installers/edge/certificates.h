// Certificates for node1.example.com, made with openssl; their keys are gone.
#pragma once

namespace orama::tests {

// CN=Pebble Intermediate CA 1, 2026-11-01 to 2027-01-30.
inline constexpr const char* kPublicCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBJjCBzQIBATAKBggqhkjOPQQDAjAjMSEwHwYDVQQDDBhQZWJibGUgSW50ZXJt
ZWRpYXRlIENBIDEwHhcNMjYxMTAxMDAwMDAwWhcNMjcwMTMwMDAwMDAwWjAcMRow
GAYDVQQDDBFub2RlMS5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABIvHPWw0WX0oY8ohGGjQAXW2z1gmFtX8/J/NZ3N4h82qun83c7fM0iT5NL3t
ISRobH/Yqw9icl29GtHOVHHrF5gwCgYIKoZIzj0EAwIDSAAwRQIgM6seoswZG/Cx
p5er6KJwmvdqvc9fH26pnVjkhe+FICACIQCwKEwGDropa/JSxxrEDsYuWgBVKoIF
2/Zw1MiSuJfN3w==
-----END CERTIFICATE-----
)";

// CN=Caddy Local Authority - ECC Intermediate, 2026-11-24 11:50 to 12:20.
inline constexpr const char* kInternalCertificate = R"(-----BEGIN CERTIFICATE-----
MIIBNjCB3QIBAjAKBggqhkjOPQQDAjAzMTEwLwYDVQQDDChDYWRkeSBMb2NhbCBB
dXRob3JpdHkgLSBFQ0MgSW50ZXJtZWRpYXRlMB4XDTI2MTEyNDExNTAwMFoXDTI2
MTEyNDEyMjAwMFowHDEaMBgGA1UEAwwRbm9kZTEuZXhhbXBsZS5jb20wWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAASLxz1sNFl9KGPKIRho0AF1ts9YJhbV/PyfzWdz
eIfNqrp/N3O3zNIk+TS97SEkaGx/2KsPYnJdvRrRzlRx6xeYMAoGCCqGSM49BAMC
A0gAMEUCIEBUl3tPIYYTtAL8awKFV3ypef8wfDYh19W9xYsHbcV7AiEArTjZdoDr
JKx5NMxxe5JqF1vwRGzqKeYnfMlLVQZy5mU=
-----END CERTIFICATE-----
)";

}  // namespace orama::tests
