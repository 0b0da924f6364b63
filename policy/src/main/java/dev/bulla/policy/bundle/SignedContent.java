package dev.bulla.policy.bundle;

import dev.bulla.policy.bundle.SigstoreBundle.Content;

/**
 * A signature, what it was found to sign and with which key: what log entries and time stamps must agree with.
 *
 * @param content the signature and what stands beside it
 * @param signed the bytes that are signed
 * @param verifier the key, or the certificate where there is one
 */
@SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
record SignedContent(Content content, byte[] signed, Verifier verifier) {

    byte[] signature() {
        return content.signature();
    }

    /**
     * Who signed, in the two forms that an entry can have.
     *
     * @param key the key
     * @param encoded its SubjectPublicKeyInfo, or the DER of the certificate
     * @param certificate whether {@code encoded} is a certificate
     */
    @SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
    record Verifier(SignatureKey key, byte[] encoded, boolean certificate) {}
}
