#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "config/oidc_settings.h"
#include "gateway/identity_token.h"
#include "store/key_record.h"

namespace gateway {

// Reads the claims of a token whose signature has been verified: whom it is for, until when, and whose it is,
// as a key that is kept nowhere. Its id is made of issuer and subject and so the same in each token of one
// subject; it expires when the token does, leeway included. Errors: kDenied, with what the caller can do and
// without anything of the token but names of claims.
base::Result<store::KeyRecord> ReadClaims(const Token& token, const config::OidcSettings& settings,
                                          base::WallTime now);

}  // namespace gateway
