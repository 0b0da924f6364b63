package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.blobPath;
import static dev.bulla.registry.ScriptedRegistry.bytes;
import static dev.bulla.registry.ScriptedRegistry.describe;
import static dev.bulla.registry.ScriptedRegistry.manifestPath;
import static dev.bulla.registry.ScriptedRegistry.status;
import static dev.bulla.registry.ScriptedRegistry.text;
import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryClientTest {
    private static final byte[] MANIFEST = utf8("{\"schemaVersion\":2}");
    private static final Digest DIGEST = Digest.Algorithm.SHA256.of(MANIFEST);

    private ScriptedRegistry registry;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = ScriptedRegistry.plain();
        client = RegistryClient.open(registry.reference(), registry.insecure());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        registry.close();
    }

    @Test
    void fetchByTag_manifest_givesBytesDigestAndType() throws IOException {
        registry.manifest("v1", MANIFEST);
        FetchedManifest fetched = client.fetchByTag("v1");
        assertThat(fetched.bytes()).isEqualTo(MANIFEST);
        assertThat(fetched.digest()).isEqualTo(DIGEST);
        assertThat(fetched.mediaType()).contains(MediaTypes.OCI_MANIFEST);
        assertThat(fetched.source())
                .isEqualTo("http://" + registry.reference().domain() + "/v2/"
                        + registry.reference().path());
        assertThat(registry.asked("/v2/team").getFirst().header("Accept"))
                .containsExactly(MediaTypes.OCI_MANIFEST + ", " + MediaTypes.OCI_INDEX + ", "
                        + MediaTypes.DOCKER_MANIFEST + ", " + MediaTypes.DOCKER_MANIFEST_LIST);
        assertThat(registry.asked("/v2/team").getFirst().header("Authorization"))
                .isEmpty();
    }

    @Test
    void fetchByDigest_sha512_isVerifiedBySha512() throws IOException {
        Digest digest = Digest.Algorithm.SHA512.of(MANIFEST);
        registry.manifest(digest.toString(), MANIFEST);
        assertThat(client.fetchByDigest(digest).digest()).isEqualTo(digest);
    }

    @Test
    void fetchByDigest_otherBytes_isRefused() {
        registry.manifest(DIGEST.toString(), utf8("{\"schemaVersion\":3}"));
        assertThatThrownBy(() -> client.fetchByDigest(DIGEST))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining(DIGEST.toString())
                .hasMessageContaining("manifest");
    }

    @ParameterizedTest
    @CsvSource({
        "application/vnd.oci.image.manifest.v1+json; charset=utf-8, application/vnd.oci.image.manifest.v1+json",
        "APPLICATION/VND.OCI.IMAGE.INDEX.V1+JSON, application/vnd.oci.image.index.v1+json",
        "application/json, ''",
        "application/octet-stream, ''",
        "text/plain;charset=utf-8, ''",
        "text/html, text/html",
    })
    void fetchByTag_contentType_isTakenApart(String header, String expected) throws IOException {
        registry.on(
                manifestPath("v1"),
                bytes(MANIFEST).setHeader("Content-Type", header).build());
        assertThat(client.fetchByTag("v1").mediaType())
                .isEqualTo(Optional.of(expected).filter(type -> !type.isEmpty()));
    }

    @Test
    void fetchByTag_noContentType_isUnknown() throws IOException {
        registry.on(manifestPath("v1"), bytes(MANIFEST).build());
        assertThat(client.fetchByTag("v1").mediaType()).isEmpty();
    }

    @Test
    void fetchByTag_digestHeaderThatAgrees_isAccepted() throws IOException {
        registry.on(
                manifestPath("v1"),
                bytes(MANIFEST)
                        .setHeader("Docker-Content-Digest", Digest.Algorithm.SHA512.of(MANIFEST))
                        .build());
        assertThat(client.fetchByTag("v1").digest()).isEqualTo(DIGEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sha256:0000000000000000000000000000000000000000000000000000000000000000",
                "md5:d41d8cd98f00b204e9800998ecf8427e",
                "rubbish"
            })
    void fetchByTag_digestHeaderThatDiffers_isRefused(String header) {
        registry.on(
                manifestPath("v1"),
                bytes(MANIFEST).setHeader("Docker-Content-Digest", header).build());
        assertThatThrownBy(() -> client.fetchByTag("v1"))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("Docker-Content-Digest \"" + header + "\"");
    }

    @Test
    void fetchByTag_manifestAtTheLimit_isAccepted() throws IOException {
        byte[] large = new byte[ManifestOrIndex.MAX_SIZE];
        registry.on(manifestPath("v1"), bytes(large).build());
        assertThat(client.fetchByTag("v1").bytes()).hasSize(ManifestOrIndex.MAX_SIZE);
    }

    @Test
    void fetchByTag_manifestOverTheLimit_isRefused() {
        byte[] large = new byte[ManifestOrIndex.MAX_SIZE + 1];
        registry.on(manifestPath("v1"), bytes(large).build());
        assertThatThrownBy(() -> client.fetchByTag("v1"))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("got 4194305 bytes, expected at most 4194304 bytes");
    }

    @Test
    void fetchByTag_manifestOverTheLimitWithoutLength_isRefused() {
        byte[] large = new byte[ManifestOrIndex.MAX_SIZE + 1];
        registry.on(
                manifestPath("v1"),
                bytes(large).chunkedBody(new Buffer().write(large), 1 << 16).build());
        assertThatThrownBy(() -> client.fetchByTag("v1")).isInstanceOf(ContentMismatchException.class);
    }

    @Test
    void fetchByTag_contentEncoding_isRefused() {
        registry.on(
                manifestPath("v1"),
                bytes(MANIFEST).setHeader("Content-Encoding", "gzip").build());
        assertThatThrownBy(() -> client.fetchByTag("v1"))
                .isInstanceOf(RegistryProtocolException.class)
                .hasMessageContaining("Content-Encoding \"gzip\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "-x", "a/b", "a\r\nX-Evil: 1", "a b", "a?b", "a%2e", "é"})
    void fetchByTag_noTag_isRefusedUnsent(String tag) {
        assertThatThrownBy(() -> client.fetchByTag(tag)).isInstanceOf(IllegalArgumentException.class);
        assertThat(registry.asked()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX-Evil: 1/app", "a\u0000/app", "A/app", "a/../b"})
    void reference_headerInjection_isNoReference(String path) {
        assertThatThrownBy(() -> ImageReference.parse(registry.host() + "/" + path))
                .hasMessageStartingWith("image reference");
    }

    @Test
    void fetchByTag_absent_isNotFound() {
        registry.on(
                manifestPath("v1"),
                text(404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"no\\nsuch \\u001b[31mthing\"}]}")
                        .build());
        assertThatThrownBy(() -> client.fetchByTag("v1"))
                .isInstanceOf(NotFoundException.class)
                .hasMessage(registry.host() + "/team/app: manifest v1: got status 404 from http://" + registry.host()
                        + ": \"MANIFEST_UNKNOWN: no\\u{a}such \\u{1b}[31mthing\"");
    }

    @Test
    void fetchByTag_forbidden_isUnauthorized() {
        registry.on(manifestPath("v1"), text(403, "go\naway").build());
        assertThatThrownBy(() -> client.fetchByTag("v1"))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageEndingWith("\"go\\u{a}away\"");
    }

    @Test
    void fetchByTag_teapot_isNoProtocol() {
        registry.on(manifestPath("v1"), status(418));
        assertThatThrownBy(() -> client.fetchByTag("v1")).isInstanceOf(RegistryProtocolException.class);
    }

    @Test
    void fetchByTag_partialContentUnasked_isNoProtocol() {
        registry.on(manifestPath("v1"), text(206, "{}").build());
        assertThatThrownBy(() -> client.fetchByTag("v1")).isInstanceOf(RegistryProtocolException.class);
    }

    @Test
    void fetchByTag_hugeErrorBody_isNotShown() {
        registry.on(
                manifestPath("v1"),
                text(404, "x".repeat(Answer.MAX_ERROR_SIZE + 1)).build());
        assertThatThrownBy(() -> client.fetchByTag("v1"))
                .isInstanceOf(NotFoundException.class)
                .hasMessageEndingWith("with more than 1048576 bytes of text");
    }

    @Test
    void fetchByTag_plainFileServerWithoutV2_isARegistryToo() throws IOException {
        registry.on("GET /v2/", status(404));
        registry.manifest("v1", MANIFEST);
        assertThat(client.fetchByTag("v1").digest()).isEqualTo(DIGEST);
    }

    @Test
    void openBlob_right_givesItsBytes() throws IOException {
        byte[] content = content(200_000);
        Descriptor blob = registry.blob(content);
        try (InputStream in = client.openBlob(blob)) {
            assertThat(in.readAllBytes()).isEqualTo(content);
        }
        assertThat(client.readBlob(blob, content.length)).isEqualTo(content);
    }

    @Test
    void readBlob_empty_isVerified() throws IOException {
        assertThat(client.readBlob(registry.blob(new byte[0]), 0)).isEmpty();
    }

    @Test
    void readBlob_overTheCallersLimit_isRefusedUnsent() {
        assertThatThrownBy(() -> client.readBlob(describe(new byte[11]), 10))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("got 11 bytes, expected at most 10 bytes");
        assertThat(registry.asked()).isEmpty();
    }

    @Test
    void openBlob_anotherContentLength_isRefusedAtOnce() {
        Descriptor blob = describe(content(100));
        registry.on(blobPath(blob.digest()), bytes(content(101)).build());
        assertThatThrownBy(() -> client.openBlob(blob))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("got 101 bytes, expected 100 bytes");
    }

    @Test
    void openBlob_longerWithoutLength_stopsAfterOneByteMore() {
        byte[] longer = Arrays.copyOf(content(100), 5_000_000);
        Descriptor blob = describe(content(100));
        registry.on(
                blobPath(blob.digest()),
                bytes(longer).chunkedBody(new Buffer().write(longer), 1000).build());
        assertThatThrownBy(() -> client.readBlob(blob, 1000))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("got more than 100 bytes, expected 100 bytes");
    }

    @Test
    void openBlob_shorterWithoutLength_isRefused() {
        Descriptor blob = describe(content(100));
        registry.on(
                blobPath(blob.digest()),
                bytes(content(99))
                        .chunkedBody(new Buffer().write(content(99)), 10)
                        .build());
        assertThatThrownBy(() -> client.readBlob(blob, 1000))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("got 99 bytes, expected 100 bytes");
    }

    @Test
    void openBlob_connectionCutInTheMiddle_isUnreachable() {
        byte[] content = content(1_000_000);
        Descriptor blob = describe(content);
        registry.on(
                blobPath(blob.digest()),
                bytes(content)
                        .onResponseBody(new SocketEffect.CloseSocket(true, true, true))
                        .build());
        assertThatThrownBy(() -> client.readBlob(blob, content.length))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("the connection broke after");
    }

    @Test
    void openBlob_otherBytesOfTheSameLength_isRefusedBeforeTheLastByte() throws IOException {
        byte[] content = content(100_000);
        Descriptor blob = describe(content);
        content[content.length - 1] ^= 1;
        registry.on(blobPath(blob.digest()), bytes(content).build());
        try (InputStream in = client.openBlob(blob)) {
            int given = 0;
            byte[] buffer = new byte[1000];
            while (true) {
                int count;
                try {
                    count = in.read(buffer);
                } catch (ContentMismatchException e) {
                    assertThat(e).hasMessageContaining("expected " + blob.digest());
                    break;
                }
                given += count;
            }
            assertThat(given).isLessThan(content.length);
            assertThatThrownBy(in::read).isInstanceOf(ContentMismatchException.class);
        }
    }

    @Test
    void openBlob_urlsOfADescriptor_areNeverAsked() throws IOException {
        // Descriptor has no member for urls: the only place it is fetched from is the repository
        Descriptor blob = registry.blob(content(10));
        assertThat(client.readBlob(blob, 10)).hasSize(10);
        assertThat(registry.asked("/v2/team"))
                .extracting(ScriptedRegistry.Asked::target)
                .containsExactly("/v2/team/app/blobs/" + blob.digest());
    }

    @Test
    void insecure_hostNotNamed_isNotSpokenToInPlain() throws IOException {
        try (RegistryClient strict = RegistryClient.open(registry.reference(), impatient())) {
            // the server may wait for the end of the TLS greeting's line, or answer that it is none
            assertThatThrownBy(() -> strict.fetchByTag("v1"))
                    .isInstanceOfAny(UnreachableException.class, TooSlowException.class)
                    .hasMessageContaining("https://");
        }
        assertThat(registry.asked()).isEmpty();
    }

    @Test
    void insecure_sameHostOfAnotherPort_isNotSpokenToInPlain() throws Exception {
        RegistryOptions other = impatient().withInsecureHost(InsecureHost.parse("127.0.0.1:" + (registry.port() ^ 1)));
        RegistryOptions portless = impatient().withInsecureHost(InsecureHost.parse("127.0.0.1"));
        for (RegistryOptions options : new RegistryOptions[] {other, portless}) {
            try (RegistryClient strict = RegistryClient.open(registry.reference(), options)) {
                assertThatThrownBy(() -> strict.fetchByTag("v1"))
                        .isInstanceOfAny(UnreachableException.class, TooSlowException.class);
            }
        }
        assertThat(registry.asked()).isEmpty();
    }

    @Test
    void fetchByTag_nobodyListens_isUnreachable() throws IOException {
        registry.close();
        assertThatThrownBy(() -> client.fetchByTag("v1"))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("https://" + registry.host())
                .hasMessageContaining("http://" + registry.host());
    }

    private static RegistryOptions impatient() {
        Duration brief = Duration.ofMillis(500);
        return RegistryOptions.defaults().withTimeouts(new Timeouts(brief, brief, brief, 0));
    }

    private static byte[] content(int length) {
        byte[] content = new byte[length];
        for (int i = 0; i < length; i++) {
            content[i] = (byte) (i * 31 + i / 256);
        }
        return content;
    }
}
