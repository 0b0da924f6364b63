package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.Quoted;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Attestation tokens for other programs of the guest, in the shapes of guest-components' attestation agent.
 *
 * <ul>
 *   <li>{@code kbs}: {@code {"token":"<JWT>","tee_keypair":"<PEM>"}}, the key as PKCS#8 (EC) or PKCS#1 (RSA);
 *   <li>{@code coco_as}: the token's text alone.
 * </ul>
 *
 * <p><b>Security.</b> With a token of kind {@code kbs} goes the key by which a KBS's resources are opened: whoever gets it is
 * as good as this guest until it ends. So it comes from a client of its own, built with an exportable key, whose sessions
 * serve nothing else. Callers wipe what they get.
 */
public final class AttestationTokens {
    private final Optional<KbsClient> kbs;
    private final Optional<AttestationServiceClient> service;

    /**
     * Tokens from these two, of which either may be absent; the caller closes them.
     *
     * @param kbs a client that attests, built with {@link KbsClient.Builder#exportableKey}
     * @param service a client of an attestation service
     */
    public AttestationTokens(Optional<KbsClient> kbs, Optional<AttestationServiceClient> service) {
        this.kbs = requireNonNull(kbs, "kbs is null");
        this.service = requireNonNull(service, "service is null");
        if (kbs.isPresent() && !kbs.get().exportable()) {
            throw new IllegalArgumentException("the client's keys are not exportable");
        }
    }

    /**
     * A token.
     *
     * @param type {@code kbs} or {@code coco_as}
     * @return what the caller of that type expects, a fresh array
     * @throws KbsConfigurationException for another type, and for one that is not configured
     * @throws AttestationException when there is no token to be had; the subclass says why
     */
    public byte[] get(String type) throws AttestationException {
        return switch (type) {
            case "kbs" -> kbsToken(kbs.orElseThrow(() -> notConfigured(type)).session(0));
            case "coco_as" ->
                service.orElseThrow(() -> notConfigured(type)).token().token().getBytes(StandardCharsets.US_ASCII);
            default ->
                throw new KbsConfigurationException(
                        "token type " + Quoted.text(type) + ": expected \"kbs\" or \"coco_as\"");
        };
    }

    private static KbsConfigurationException notConfigured(String type) {
        return new KbsConfigurationException("token type \"" + type + "\" is not configured");
    }

    private static byte[] kbsToken(KbsSession session) throws AttestationException {
        byte[] pem;
        try {
            pem = session.key().toPem();
        } catch (KbsProtocolException e) {
            throw new KbsConfigurationException(e.getMessage(), e);
        }
        // By hand, so that the key comes into no String; a JWT and PEM have no character to be escaped but line ends.
        byte[] start = ("{\"token\":\"" + session.token().token() + "\",\"tee_keypair\":\"")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] json = Arrays.copyOf(start, start.length + 2 * pem.length + 2);
        int length = start.length;
        for (byte b : pem) {
            if (b == '\n') {
                json[length++] = '\\';
                json[length++] = 'n';
            } else {
                json[length++] = b;
            }
        }
        json[length++] = '"';
        json[length++] = '}';
        byte[] exact = Arrays.copyOf(json, length);
        Arrays.fill(pem, (byte) 0);
        Arrays.fill(json, (byte) 0);
        return exact;
    }
}
