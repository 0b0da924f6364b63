package dev.bulla.attestation.client.evidence.azure;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Proxy;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import okhttp3.ConnectionPool;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;

/**
 * Azure's instance metadata service, at its link-local address, over plain HTTP: it is the host that answers.
 *
 * <p>No proxy, no redirect; answers are bounded.
 */
public final class InstanceMetadataService implements AzureMetadata {
    /** The largest answer that is read. */
    public static final int MAX_ANSWER = 256 * 1024;

    private static final HttpUrl ADDRESS = HttpUrl.get("http://169.254.169.254/");
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final MediaType JSON = MediaType.get("application/json");

    private final HttpUrl base;

    public InstanceMetadataService() {
        this(ADDRESS);
    }

    InstanceMetadataService(HttpUrl base) {
        this.base = requireNonNull(base, "base is null");
    }

    @Override
    public byte[] vcek() throws EvidenceUnavailableException {
        JsonCursor answer =
                ask("VCEK", request("metadata/THIM/amd/certification").get().build());
        try {
            JsonCursor certificate = answer.object().required("vcekCert");
            byte[] pem = certificate.string().getBytes(StandardCharsets.UTF_8);
            try {
                return CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(pem))
                        .getEncoded();
            } catch (CertificateException e) {
                throw certificate.refuse("expected a certificate as PEM");
            }
        } catch (JsonException e) {
            throw new EvidenceUnavailableException("Azure metadata, VCEK: " + e.getMessage(), e);
        }
    }

    @Override
    public byte[] tdQuote(byte[] tdReport) throws EvidenceUnavailableException {
        String body = JsonWriter.compact(
                JsonObject.builder().put("report", Base64Url.encode(tdReport)).build());
        JsonCursor answer = ask(
                "TD quote",
                request("acc/tdquote").post(RequestBody.create(body, JSON)).build());
        try {
            return Base64Url.decode(answer.object().required("quote").string(), "quote");
        } catch (JsonException | KbsProtocolException e) {
            throw new EvidenceUnavailableException("Azure metadata, TD quote: " + e.getMessage(), e);
        }
    }

    private Request.Builder request(String path) {
        return new Request.Builder()
                .url(base.newBuilder().addPathSegments(path).build())
                .header("Metadata", "true")
                .header("Accept", "application/json");
    }

    private JsonCursor ask(String what, Request request) throws EvidenceUnavailableException {
        ConnectionPool connections = new ConnectionPool();
        OkHttpClient http = new OkHttpClient.Builder()
                .proxy(Proxy.NO_PROXY)
                .protocols(List.of(Protocol.HTTP_1_1))
                .followRedirects(false)
                .followSslRedirects(false)
                .retryOnConnectionFailure(false)
                .connectionPool(connections)
                .callTimeout(TIMEOUT)
                .build();
        try (Response response = http.newCall(request).execute()) {
            if (response.code() != 200) {
                throw new EvidenceUnavailableException("Azure metadata, " + what + ": status " + response.code());
            }
            byte[] body = response.body().byteStream().readNBytes(MAX_ANSWER + 1);
            if (body.length > MAX_ANSWER) {
                throw new EvidenceUnavailableException(
                        "Azure metadata, " + what + ": more than " + MAX_ANSWER + " bytes");
            }
            return JsonCursor.parse(body);
        } catch (IOException | IllegalArgumentException e) {
            // The latter of OkHttp's, which reads Retry-After of a 503 as an int.
            throw new EvidenceUnavailableException(
                    "Azure metadata, " + what + ": " + Quoted.text(String.valueOf(e.getMessage())), e);
        } catch (JsonException e) {
            throw new EvidenceUnavailableException("Azure metadata, " + what + ": " + e.getMessage(), e);
        } finally {
            connections.evictAll();
            http.dispatcher().executorService().shutdown();
        }
    }
}
