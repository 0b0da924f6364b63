package dev.bulla.kbs.evidence.tdx;

import dev.bulla.oci.json.JsonObject;

/**
 * A quote that a genuine platform has made.
 *
 * @param quote the quote
 * @param platform what its PCK certificate says of the platform
 * @param claims what is claimed of the platform's trusted computing base, in Trustee's names
 */
record VerifiedQuote(TdxQuote quote, PckExtension platform, JsonObject claims) {}
