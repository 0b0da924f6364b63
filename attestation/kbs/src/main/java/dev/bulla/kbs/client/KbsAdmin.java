package dev.bulla.kbs.client;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.ErrorInformation;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.PinnedTls;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An administrator's way to a KBS, ours or Trustee's: stores and deletes resources, sets policies and reference values.
 *
 * <p>The requests are those of Trustee's {@code kbs-client config}. An administrator is known by a bearer token; without one
 * only a KBS that lets everybody administer it obeys.
 *
 * <p><b>Security.</b> Redirects are not followed, so a token goes nowhere else. Answers are bounded. Over plain HTTP the token
 * and the resources can be read on the way.
 */
public final class KbsAdmin implements AutoCloseable {
    /** The attestation policy that is set where none is named. */
    public static final String DEFAULT_ATTESTATION_POLICY = "default_cpu";

    private static final int MAX_ANSWER = 1024 * 1024;
    private static final String PREFIX = "/kbs/v0/";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final String JSON = "application/json";

    private final HttpClient http;
    private final String base;
    private final Optional<String> token;

    private KbsAdmin(HttpClient http, String base, Optional<String> token) {
        this.http = http;
        this.base = base;
        this.token = token;
    }

    /** A builder for the KBS at this URL, {@code http://host:port} or {@code https://…}. */
    public static Builder builder(URI url) {
        return new Builder(url);
    }

    /** Stores a resource, in the place of one of the same path. */
    public void setResource(ResourcePath path, byte[] content) throws KbsAdminException {
        HttpRequest.Builder request = request("resource/" + path)
                .header("Content-Type", "application/octet-stream")
                .POST(HttpRequest.BodyPublishers.ofByteArray(content));
        send("POST resource/" + path, request);
    }

    /** Deletes a resource. */
    public void deleteResource(ResourcePath path) throws KbsAdminException {
        send("DELETE resource/" + path, request("resource/" + path).DELETE());
    }

    /** Sets the policy by which resources are released. */
    public void setResourcePolicy(byte[] text) throws KbsAdminException {
        post(
                "resource-policy",
                JsonObject.builder().put("policy", Base64Url.encode(text)).build());
    }

    /** The ids of the resource policies. */
    public List<String> resourcePolicies() throws KbsAdminException {
        String what = "GET resource-policy";
        try {
            return JsonCursor.parse(send(what, request("resource-policy").GET()))
                    .strings();
        } catch (JsonException e) {
            throw new KbsAdminException(what + ": " + e.getMessage(), e);
        }
    }

    /** Sets the policy of that id by which evidence is judged, such as {@link #DEFAULT_ATTESTATION_POLICY}. */
    public void setAttestationPolicy(String id, byte[] text) throws KbsAdminException {
        post(
                "attestation-policy",
                JsonObject.builder()
                        .put("type", "rego")
                        .put("policy_id", id)
                        .put("policy", Base64Url.encode(text))
                        .build());
    }

    /** Registers a reference value by a message of type {@code sample}, which proves nothing of where it is from. */
    public void setSampleReferenceValue(String name, JsonValue value) throws KbsAdminException {
        byte[] values = JsonWriter.compact(JsonObject.builder().put(name, value).build())
                .getBytes(StandardCharsets.UTF_8);
        post(
                "reference-value",
                JsonObject.builder()
                        .put("version", "0.1.0")
                        .put("type", "sample")
                        .put("payload", Base64.getEncoder().encodeToString(values))
                        .build());
    }

    /**
     * The reference value of that id.
     *
     * @param id its id, of unreserved characters and slashes
     */
    public JsonValue referenceValue(String id) throws KbsAdminException {
        if (!id.matches("[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")) {
            throw new KbsAdminException("reference value " + Quoted.text(id)
                    + ": expected letters, digits, ., _, ~ and -, in parts divided by slashes");
        }
        String what = "GET reference-value/" + id;
        try {
            return JsonCursor.parse(send(what, request("reference-value/" + id).GET()))
                    .value();
        } catch (JsonException e) {
            throw new KbsAdminException(what + ": " + e.getMessage(), e);
        }
    }

    private void post(String path, JsonObject body) throws KbsAdminException {
        byte[] text = JsonWriter.compact(body).getBytes(StandardCharsets.UTF_8);
        send(
                "POST " + path,
                request(path).header("Content-Type", JSON).POST(HttpRequest.BodyPublishers.ofByteArray(text)));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + PREFIX + path)).timeout(TIMEOUT);
        token.ifPresent(bearer -> request.header("Authorization", "Bearer " + bearer));
        return request;
    }

    private byte[] send(String what, HttpRequest.Builder request) throws KbsAdminException {
        HttpResponse<byte[]> answer;
        try {
            answer = http.send(
                    request.build(),
                    HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MAX_ANSWER));
        } catch (IOException e) {
            throw new KbsAdminException(
                    what + " at " + base + ": not answered: " + Quoted.text(String.valueOf(e.getMessage())), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KbsAdminException(what + " at " + base + ": interrupted", e);
        }
        if (answer.statusCode() != 200) {
            throw new KbsAdminException(what + ": status " + answer.statusCode() + ", " + words(answer.body()));
        }
        return answer.body();
    }

    private static String words(byte[] body) {
        try {
            ErrorInformation error = ErrorInformation.parse(body);
            return Quoted.text(error.variant()) + ", " + Quoted.text(error.detail());
        } catch (KbsProtocolException e) {
            return "no error information";
        }
    }

    @Override
    public void close() {
        http.close();
    }

    /** Where the KBS is, without the token. */
    @Override
    public String toString() {
        return "KbsAdmin[" + base + "]";
    }

    /** Says how the KBS is reached. */
    public static final class Builder {
        private final URI url;
        private @Nullable String token;
        private @Nullable PinnedTls tls;

        private Builder(URI url) {
            this.url = requireNonNull(url, "url is null");
        }

        /** The administrator's bearer token. */
        @CanIgnoreReturnValue
        public Builder token(String bearer) {
            token = requireNonNull(bearer, "bearer is null");
            return this;
        }

        /**
         * Trusts the certificates of this PEM text and no others.
         *
         * @throws KbsAdminException when it has none
         */
        @CanIgnoreReturnValue
        public Builder pinnedRoots(byte[] pem) throws KbsAdminException {
            try {
                tls = PinnedTls.of(List.of(pem));
            } catch (GeneralSecurityException e) {
                throw new KbsAdminException("KBS certificate: no X.509 certificate in PEM", e);
            }
            return this;
        }

        /**
         * The client; nothing is sent yet.
         *
         * @throws KbsAdminException when the URL or the token is malformed
         */
        public KbsAdmin build() throws KbsAdminException {
            String scheme = String.valueOf(url.getScheme());
            if ((!scheme.equals("http") && !scheme.equals("https"))
                    || url.getHost() == null
                    || url.getRawUserInfo() != null
                    || url.getRawQuery() != null
                    || url.getRawFragment() != null) {
                throw new KbsAdminException("KBS URL: expected http or https, a host, and no user, query or fragment");
            }
            if (token != null && !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                throw new KbsAdminException("the administrator's token: expected printable ASCII without spaces");
            }
            HttpClient.Builder http = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NEVER);
            if (tls != null) {
                http.sslContext(tls.context());
            }
            String text = url.toString();
            return new KbsAdmin(
                    http.build(),
                    text.endsWith("/") ? text.substring(0, text.length() - 1) : text,
                    Optional.ofNullable(token));
        }
    }
}
