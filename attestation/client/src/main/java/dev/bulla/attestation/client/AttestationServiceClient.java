package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TokenAnswer;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;

/**
 * Gets tokens from an attestation service by its REST interface, as guest-components' {@code coco_as} does: {@code POST
 * <url>/attestation} of {@code {"verification_requests":[{"tee","evidence":base64url of the evidence's JSON}],
 * "policy_ids":[]}}, answered by the token's text.
 *
 * <p><b>Security.</b> Such a token says what the guest is, and nothing more: no challenge and no key are in it, so whoever
 * has it can show it as its own while it lasts. Plain HTTP is refused unless named; redirects and proxies are not followed.
 */
public final class AttestationServiceClient implements AutoCloseable {
    private static final int MAX_ANSWER = CompactJws.MAX_LENGTH;

    /** There is no challenge: report data is what a TEE carries when it is given none. */
    private static final int REPORT_DATA_LENGTH = 64;

    private final KbsTransport transport;
    private final Attester attester;
    private final Retries retries;

    private AttestationServiceClient(KbsTransport transport, Attester attester, Retries retries) {
        this.transport = transport;
        this.attester = attester;
        this.retries = retries;
    }

    /** A builder of a client of the attestation service at this URL. */
    public static Builder builder(URI url, Attester attester) {
        return new Builder(url, attester);
    }

    /**
     * A token for this guest's evidence.
     *
     * @throws AttestationException when the service is not reached or gives none; the subclass says why
     */
    public TokenAnswer token() throws AttestationException {
        byte[] request = JsonWriter.compact(JsonObject.builder()
                        .put(
                                "verification_requests",
                                new JsonArray(List.of(JsonObject.builder()
                                        .put("tee", attester.tee().wireName())
                                        .put(
                                                "evidence",
                                                Base64Url.encode(JsonWriter.compact(
                                                                attester.evidence(new byte[REPORT_DATA_LENGTH]))
                                                        .getBytes(StandardCharsets.UTF_8)))
                                        .build())))
                        .put("policy_ids", JsonArray.ofStrings(List.of()))
                        .build())
                .getBytes(StandardCharsets.UTF_8);
        KbsAnswer answer = retries.begin(Retries.MAX_HANDSHAKES).run(() -> {
            KbsAnswer given = transport.post("attestation", request, MAX_ANSWER, CookieJar.NO_COOKIES);
            if (given.busy()) {
                throw given.unexpected();
            }
            return given;
        });
        if (answer.status() >= 400 && answer.status() < 500) {
            throw new EvidenceRefusedException(
                    "the attestation service refused our evidence: " + answer.what() + ": status " + answer.status()
                            + ", " + Quoted.text(new String(answer.body(), StandardCharsets.UTF_8)),
                    Optional.empty());
        }
        if (!answer.ok()) {
            throw answer.unexpected();
        }
        String text = new String(answer.body(), StandardCharsets.US_ASCII);
        try {
            CompactJws.parse(text).requireSigned();
        } catch (KbsProtocolException e) {
            throw new BadServerException(answer.what() + ": " + e.getMessage(), e);
        }
        return new TokenAnswer(text);
    }

    @Override
    public void close() {
        transport.close();
    }

    /** Where the service is. */
    @Override
    public String toString() {
        return "AttestationServiceClient[" + transport.host() + "]";
    }

    /** Says how a client is to be. */
    public static final class Builder {
        private final URI url;
        private final Attester attester;
        private final List<byte[]> pinnedRoots = new ArrayList<>();
        private boolean insecureHttp;
        private String userAgent = "bulla";
        private InstantSource time = InstantSource.system();
        private SecureRandom random = new SecureRandom();
        private RetryPause pause = Thread::sleep;

        private Builder(URI url, Attester attester) {
            this.url = requireNonNull(url, "url is null");
            this.attester = requireNonNull(attester, "attester is null");
        }

        /** Trusts the certificates of this PEM text; once one is given, the system's roots count no more. */
        @CanIgnoreReturnValue
        public Builder pinnedRoots(byte[] pem) {
            pinnedRoots.add(pem.clone());
            return this;
        }

        /** Allows {@code http://} URLs; whoever is on the way can then answer as the service. */
        @CanIgnoreReturnValue
        public Builder insecureHttp() {
            insecureHttp = true;
            return this;
        }

        /** The program's version, which the user agent {@code bulla/<version>} carries. */
        @CanIgnoreReturnValue
        public Builder version(String version) {
            userAgent = "bulla/" + version;
            return this;
        }

        /** The clock by which tries are given up, what shortens the pauses between them, and how those are made. */
        @CanIgnoreReturnValue
        public Builder retries(InstantSource source, SecureRandom shortening, RetryPause retryPause) {
            time = requireNonNull(source, "source is null");
            random = requireNonNull(shortening, "shortening is null");
            pause = requireNonNull(retryPause, "retryPause is null");
            return this;
        }

        /**
         * The client. Nothing is sent yet.
         *
         * @throws KbsConfigurationException when the URL or a certificate is malformed, or the URL is plain HTTP and
         *     {@link #insecureHttp} was not called
         */
        public AttestationServiceClient build() throws KbsConfigurationException {
            HttpUrl base = KbsTransport.parseBase("attestation service URL ", url);
            KbsChannel channel =
                    KbsTransport.channel("attestation service URL " + url, base, !pinnedRoots.isEmpty(), insecureHttp);
            return new AttestationServiceClient(
                    new KbsTransport(
                            base,
                            "",
                            channel,
                            pinnedRoots,
                            userAgent,
                            KbsClient.CONNECT_TIMEOUT,
                            KbsClient.CALL_TIMEOUT),
                    attester,
                    new Retries(time, pause, random));
        }
    }
}
