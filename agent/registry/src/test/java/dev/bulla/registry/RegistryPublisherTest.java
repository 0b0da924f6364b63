package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.challenge;
import static dev.bulla.registry.ScriptedRegistry.describe;
import static dev.bulla.registry.ScriptedRegistry.status;
import static dev.bulla.registry.ScriptedRegistry.text;
import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import mockwebserver3.MockResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryPublisherTest {
    private static final String UPLOADS = "/v2/team/app/blobs/uploads/";
    private static final byte[] CONTENT = utf8("some layer");
    private static final Descriptor BLOB = describe(CONTENT);

    private ScriptedRegistry registry;
    private RegistryPublisher publisher;

    @BeforeEach
    void start() throws IOException {
        registry = ScriptedRegistry.plain();
        publisher = RegistryPublisher.open(registry.reference(), registry.insecure());
    }

    @AfterEach
    void stop() {
        publisher.close();
        registry.close();
    }

    private static MockResponse location(String location) {
        return new MockResponse.Builder()
                .code(202)
                .addHeader("Location", location)
                .build();
    }

    private static BlobContent content(byte[] bytes) {
        return () -> new ByteArrayInputStream(bytes);
    }

    @Test
    void putBlob_absent_isUploaded() throws IOException {
        registry.on("POST " + UPLOADS, location(UPLOADS + "id?_state=a%3Db=="));
        registry.on("PUT " + UPLOADS + "id", status(201));
        publisher.putBlob(BLOB, content(CONTENT));
        ScriptedRegistry.Asked put = registry.asked().getLast();
        assertThat(put.target())
                .isEqualTo(UPLOADS + "id?_state=a%3Db==&digest=sha256%3A"
                        + BLOB.digest().hex());
        assertThat(put.body()).isEqualTo("some layer");
        assertThat(put.header("Content-Length")).containsExactly("10");
    }

    @Test
    void putBlob_present_isNotUploaded() throws IOException {
        registry.on("HEAD /v2/team/app/blobs/" + BLOB.digest(), status(200));
        assertThat(publisher.hasBlob(BLOB.digest())).isTrue();
        publisher.putBlob(BLOB, content(CONTENT));
        assertThat(registry.asked("/v2/team/app/blobs/uploads")).isEmpty();
    }

    @Test
    void putBlob_shorterContent_isRefused() {
        registry.on("POST " + UPLOADS, location(UPLOADS + "id"));
        registry.on("PUT " + UPLOADS + "id", status(201));
        assertThatThrownBy(() -> publisher.putBlob(BLOB, content(utf8("short"))))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("got 5 bytes, expected 10 bytes");
    }

    @Test
    void putBlob_longerContent_isRefused() {
        registry.on("POST " + UPLOADS, location(UPLOADS + "id"));
        registry.on("PUT " + UPLOADS + "id", status(201));
        assertThatThrownBy(() -> publisher.putBlob(BLOB, content(utf8("some layers"))))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("got more than 10 bytes");
    }

    @Test
    void putBlob_unreadableContent_isSaidSo() {
        registry.on("POST " + UPLOADS, location(UPLOADS + "id"));
        assertThatThrownBy(() -> publisher.putBlob(BLOB, () -> {
                    throw new IOException("disk gone");
                }))
                .hasMessageContaining("the content cannot be read: disk gone");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "http://127.0.0.1:1/elsewhere", "https://evil.example/", "ftp://x/"})
    void putBlob_uploadLocationElsewhere_isRefused(String location) {
        registry.on("POST " + UPLOADS, location(location));
        assertThatThrownBy(() -> publisher.putBlob(BLOB, content(CONTENT)))
                .isInstanceOf(RedirectRefusedException.class)
                .hasMessageContaining("upload location");
    }

    @Test
    void putBlob_refused_namesWhatTheRegistrySays() {
        registry.on("POST " + UPLOADS, location(UPLOADS + "id"));
        registry.on(
                "PUT " + UPLOADS + "id",
                text(400, "{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}").build());
        assertThatThrownBy(() -> publisher.putBlob(BLOB, content(CONTENT)))
                .isInstanceOf(RegistryProtocolException.class)
                .hasMessageEndingWith("\"DIGEST_INVALID\"");
    }

    @Test
    void putManifest_tagged_givesItsDigest() throws IOException {
        registry.on("PUT /v2/team/app/manifests/v1", status(201));
        assertThat(publisher.putManifest(MediaTypes.OCI_MANIFEST, CONTENT, Optional.of("v1")))
                .isEqualTo(BLOB.digest());
        ScriptedRegistry.Asked put = registry.asked().getLast();
        assertThat(put.header("Content-Type")).containsExactly(MediaTypes.OCI_MANIFEST);
        assertThat(put.body()).isEqualTo("some layer");
    }

    @Test
    void putManifest_untagged_goesUnderItsDigest() throws IOException {
        registry.on("PUT /v2/team/app/manifests/" + BLOB.digest(), status(201));
        assertThat(publisher.putManifest(MediaTypes.OCI_INDEX, CONTENT, Optional.empty()))
                .isEqualTo(Digest.Algorithm.SHA256.of(CONTENT));
    }

    @Test
    void putManifest_tooLarge_isRefusedUnsent() {
        byte[] large = new byte[ManifestOrIndex.MAX_SIZE + 1];
        assertThatThrownBy(() -> publisher.putManifest(MediaTypes.OCI_INDEX, large, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(registry.asked()).isEmpty();
    }

    @Test
    void push_challenged_asksForBothActions() throws IOException {
        registry.on("GET /v2/", challenge("Bearer realm=\"" + registry.url("/token") + "\",service=\"s\""));
        registry.on("GET /token", text(200, "{\"token\":\"t\"}").build());
        registry.on("PUT /v2/team/app/manifests/v1", status(201));
        publisher.putManifest(MediaTypes.OCI_MANIFEST, CONTENT, Optional.of("v1"));
        assertThat(registry.asked("/token").getFirst().target())
                .contains("scope=repository%3Ateam%2Fapp%3Apull%2Cpush");
        assertThat(registry.asked().getLast().header("Authorization")).isEqualTo(List.of("Bearer t"));
    }
}
