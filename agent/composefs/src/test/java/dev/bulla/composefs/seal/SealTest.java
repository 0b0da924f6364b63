package dev.bulla.composefs.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.FsVeritySignature;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SealTest {
    private static final VerityAlgorithm SHA256 = VerityAlgorithm.SHA256_4K;
    private static final VerityAlgorithm SHA512 = VerityAlgorithm.SHA512_4K;
    private static final String MERGED = "composefs.merged.erofs.v1.fsverity-sha256-12";
    private static final String CONFIG = "composefs.config.fsverity-sha256-12";
    private static final String LAYER = "composefs.layer.erofs.v1.fsverity-sha256-12";
    private static final String MANIFEST = "composefs.manifest.fsverity-sha256-12";
    private static final Descriptor IMAGE = descriptor(MediaTypes.OCI_MANIFEST, "image", Map.of());
    private static final byte[] SIGNATURE = {1, 2, 3};

    private static Descriptor descriptor(String type, String content, Map<String, String> annotations) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        return new Descriptor(type, Digest.Algorithm.SHA256.of(bytes), bytes.length, annotations, Optional.empty());
    }

    private static VerityDigest digest(VerityAlgorithm algorithm, String content) {
        return FsVerityDigester.of(algorithm, content.getBytes(StandardCharsets.UTF_8));
    }

    private static String hex(String content) {
        return digest(SHA256, content).hex();
    }

    private static Optional<Seal> inline(
            Map<String, String> manifest, Map<String, String> config, Map<String, String> layer) throws SealException {
        return InlineSeal.read(manifest(manifest, config, layer));
    }

    private static Manifest manifest(
            Map<String, String> manifest, Map<String, String> config, Map<String, String> layer) {
        return new Manifest(
                MediaTypes.OCI_MANIFEST,
                Optional.empty(),
                descriptor(MediaTypes.OCI_CONFIG, "config", config),
                List.of(descriptor("x/tar", "layer 0", Map.of()), descriptor("x/tar", "layer 1", layer)),
                manifest,
                Optional.empty());
    }

    private static String base64(int bytes) {
        return Base64.getEncoder().encodeToString(new byte[bytes]);
    }

    @Test
    void key_allRolesAndAlgorithms_roundTrip() throws IOException {
        for (SealRole role : SealRole.values()) {
            for (VerityAlgorithm algorithm : VerityAlgorithm.values()) {
                SealKey key = new SealKey(role, algorithm, false);
                assertThat(SealKey.parse(key.id())).contains(key);
                assertThat(SealKey.parse(key.id() + ".sig")).contains(key.ofSignature());
            }
        }
        assertThat(new SealKey(SealRole.MERGED_BOOTABLE, VerityAlgorithm.SHA512_64K, true).id())
                .isEqualTo("composefs.merged.bootable.erofs.v1.fsverity-sha512-16.sig");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "composefs.layer.sha512-12",
                "composefs.layer.sha512-12.signature",
                "composefs.merged.erofs.v2.fsverity-sha256-12",
                "composefs.merged.fsverity-sha256-12",
                "composefs.config.erofs.v1.fsverity-sha256-12",
                "composefs.merged.erofs.v1.fsverity-sha384-12",
                "composefs.merged.erofs.v1.fsverity-sha256-12.signature",
                "containers.composefs.layer.fsverity",
            })
    void ignored_keysOfDraftsAndOfVersionsToCome_areNamedAndNotRead(String key) throws Exception {
        assertThat(SealKey.parse(key)).isEmpty();
        Manifest manifest = manifest(Map.of(key, "anything"), Map.of(), Map.of());
        assertThat(InlineSeal.read(manifest)).isEmpty();
        assertThat(InlineSeal.ignored(manifest, config(Map.of()))).containsExactly(key);
    }

    @Test
    void inline_none_isNoSeal() throws SealException {
        assertThat(inline(Map.of("org.example", "x"), Map.of(), Map.of())).isEmpty();
    }

    @Test
    void inline_everyPlace_isRead() throws SealException {
        Map<String, String> layer = new LinkedHashMap<>();
        layer.put(LAYER + ".sig", Base64.getEncoder().encodeToString(SIGNATURE));
        layer.put(LAYER, hex("layer"));
        Seal seal = inline(Map.of(MERGED, hex("merged")), Map.of(CONFIG, hex("config")), layer)
                .orElseThrow();
        assertThat(seal.source()).isEqualTo(Seal.Source.INLINE);
        assertThat(seal.entries()).hasSize(3);
        assertThat(seal.entry(SealRole.LAYER, SHA256).orElseThrow().layer()).isEqualTo(1);
        assertThat(seal.entry(SealRole.LAYER, SHA256)
                        .orElseThrow()
                        .signature()
                        .orElseThrow()
                        .der())
                .isEqualTo(SIGNATURE);
        assertThat(seal.entry(SealRole.MERGED, SHA256).orElseThrow().digest()).isEqualTo(digest(SHA256, "merged"));
        assertThat(seal.mergedAlgorithms()).containsExactly(SHA256);
        assertThat(seal.isSigned()).isTrue();
    }

    @Test
    void inline_twoAlgorithms_areBothRead() throws SealException {
        Seal seal = inline(
                        Map.of(
                                MERGED,
                                hex("merged"),
                                "composefs.merged.erofs.v1.fsverity-sha512-12",
                                digest(SHA512, "merged").hex()),
                        Map.of(
                                CONFIG,
                                hex("config"),
                                "composefs.config.fsverity-sha512-12",
                                digest(SHA512, "config").hex()),
                        Map.of())
                .orElseThrow();
        assertThat(seal.mergedAlgorithms()).containsExactly(SHA256, SHA512);
    }

    @Test
    void inline_mergedWithoutConfig_isRefused() {
        assertThatThrownBy(() -> inline(Map.of(MERGED, hex("merged")), Map.of(), Map.of()))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("none for the config");
    }

    @Test
    void inline_signedMergedWithUnsignedConfig_isRefused() {
        assertThatThrownBy(() -> inline(
                        Map.of(MERGED, hex("merged"), MERGED + ".sig", base64(8)),
                        Map.of(CONFIG, hex("config")),
                        Map.of()))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("the one for the config is not");
    }

    @Test
    void inline_manifestsOwnDigest_isRefused() {
        assertThatThrownBy(() -> inline(Map.of(MANIFEST, hex("x")), Map.of(), Map.of()))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("its own digest");
    }

    @Test
    void inline_entryInAnotherPlace_isRefused() {
        assertThatThrownBy(() -> inline(Map.of(LAYER, hex("x")), Map.of(), Map.of()))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("belongs elsewhere");
        assertThatThrownBy(() -> inline(Map.of(), Map.of(MERGED, hex("x")), Map.of()))
                .isInstanceOf(SealException.class);
        assertThatThrownBy(() -> inline(Map.of(), Map.of(), Map.of(CONFIG, hex("x"))))
                .isInstanceOf(SealException.class);
    }

    @Test
    void inline_signatureWithoutDigest_isRefused() {
        assertThatThrownBy(() -> inline(Map.of(), Map.of(CONFIG + ".sig", base64(3)), Map.of()))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("no digest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00", "sha256:00", "XY"})
    void inline_valueThatIsNoDigest_isRefused(String value) {
        assertThatThrownBy(() -> inline(Map.of(), Map.of(CONFIG, value), Map.of()))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("64 lower-case hex digits");
    }

    @Test
    void inline_digestInCapitals_isRefused() {
        assertThatThrownBy(() -> inline(Map.of(), Map.of(CONFIG, "A" + hex("x").substring(1)), Map.of()))
                .isInstanceOf(SealException.class);
    }

    @Test
    void inline_signatureOfTheGreatestLength_isRead() throws SealException {
        assertThat(inline(
                        Map.of(),
                        Map.of(CONFIG, hex("x"), CONFIG + ".sig", base64(FsVeritySignature.MAX_LENGTH)),
                        Map.of()))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "AAAB=", "AAB=", "AA", "A A=", "AAAA\n"})
    void inline_signatureThatIsNotBase64_isRefused(String value) {
        assertThatThrownBy(() -> inline(Map.of(), Map.of(CONFIG, hex("x"), CONFIG + ".sig", value), Map.of()))
                .isInstanceOf(SealException.class);
    }

    @Test
    void inline_signatureOfOneByteMore_isRefused() {
        assertThatThrownBy(() -> inline(
                        Map.of(),
                        Map.of(CONFIG, hex("x"), CONFIG + ".sig", base64(FsVeritySignature.MAX_LENGTH + 1)),
                        Map.of()))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("expected 1 to 21504");
    }

    @Test
    void label_ofEitherLength_isRead() throws Exception {
        for (VerityAlgorithm algorithm : List.of(SHA256, SHA512)) {
            Seal seal = InlineSeal.readLabel(config(
                            Map.of(InlineSeal.LABEL, digest(algorithm, "merged").hex())))
                    .orElseThrow();
            assertThat(seal.source()).isEqualTo(Seal.Source.LABEL);
            assertThat(seal.entry(SealRole.MERGED, algorithm)).isPresent();
        }
        assertThat(InlineSeal.readLabel(config(Map.of()))).isEmpty();
    }

    @Test
    void label_ofAnotherLength_isRefused() {
        assertThatThrownBy(() -> InlineSeal.readLabel(config(Map.of(InlineSeal.LABEL, "00"))))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("64 or 128");
    }

    private static ImageConfig config(Map<String, String> labels) throws OciException {
        StringBuilder json = new StringBuilder();
        labels.forEach(
                (key, value) -> json.append(json.isEmpty() ? "" : ",").append("\"" + key + "\":\"" + value + "\""));
        return ImageConfig.parse(("{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\","
                        + "\"diff_ids\":[]},\"config\":{\"Labels\":{" + json + "}}}")
                .getBytes(StandardCharsets.UTF_8));
    }

    private static SealEntry entry(SealRole role, VerityAlgorithm algorithm, boolean signed) {
        return new SealEntry(
                role,
                0,
                digest(algorithm, role.id()),
                signed ? Optional.of(new SealEntry.Pkcs7(SIGNATURE)) : Optional.empty());
    }

    private static List<SealEntry> full(boolean signed) {
        return List.of(
                entry(SealRole.MERGED_BOOTABLE, SHA512, signed),
                entry(SealRole.MANIFEST, SHA512, signed),
                entry(SealRole.MERGED, SHA512, signed),
                entry(SealRole.CONFIG, SHA512, signed));
    }

    private static Seal read(SealArtifact.Written written) throws IOException {
        return read(written.manifest(), written);
    }

    private static Seal read(String manifest, SealArtifact.Written written) throws IOException {
        Map<Digest, byte[]> blobs = new HashMap<>();
        written.blobs().forEach(blob -> blobs.put(blob.descriptor().digest(), blob.bytes()));
        return SealArtifact.read(
                manifest.getBytes(StandardCharsets.UTF_8),
                IMAGE,
                (blob, limit) -> blobs.getOrDefault(blob.digest(), new byte[0]));
    }

    @Test
    void artifact_signed_roundTripsInTheOrderOfTheSpecification() throws IOException {
        Seal seal = read(SealArtifact.write(full(true), IMAGE));
        assertThat(seal.source()).isEqualTo(Seal.Source.ARTIFACT);
        assertThat(seal.entries().stream().map(SealEntry::role))
                .containsExactly(SealRole.MANIFEST, SealRole.CONFIG, SealRole.MERGED, SealRole.MERGED_BOOTABLE);
        assertThat(seal.entries()).allMatch(entry -> entry.signature().isPresent());
    }

    @Test
    void artifact_unsigned_roundTrips() throws IOException {
        Seal seal = read(SealArtifact.write(
                List.of(entry(SealRole.MERGED, SHA256, false), entry(SealRole.CONFIG, SHA256, false)), IMAGE));
        assertThat(seal.isSigned()).isFalse();
        assertThat(seal.entries()).hasSize(2);
    }

    @Test
    void artifact_signedWithoutManifest_isRefused() {
        assertThatThrownBy(() -> SealArtifact.write(
                        List.of(entry(SealRole.MERGED, SHA256, true), entry(SealRole.CONFIG, SHA256, true)), IMAGE))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("manifest is missing");
    }

    @Test
    void artifact_signedConfigBesideUnsignedManifest_isRefused() {
        assertThatThrownBy(() -> SealArtifact.write(
                        List.of(
                                entry(SealRole.MANIFEST, SHA256, false),
                                entry(SealRole.MERGED, SHA256, true),
                                entry(SealRole.CONFIG, SHA256, true)),
                        IMAGE))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("manifest is not");
    }

    @Test
    void artifact_withoutMerged_isRefused() throws IOException {
        SealArtifact.Written written = SealArtifact.write(
                List.of(entry(SealRole.MANIFEST, SHA256, true), entry(SealRole.CONFIG, SHA256, true)), IMAGE);
        assertThatThrownBy(() -> read(written))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("no entry for the root tree");
    }

    @Test
    void artifact_twoAlgorithms_isRefused() {
        List<SealEntry> entries = new ArrayList<>(full(true));
        entries.set(0, entry(SealRole.MERGED_BOOTABLE, SHA256, true));
        assertThatThrownBy(() -> SealArtifact.write(entries, IMAGE)).isInstanceOf(SealException.class);
    }

    private static void refusedAfter(String from, String to, String words) throws SealException {
        SealArtifact.Written written = SealArtifact.write(full(true), IMAGE);
        assertThat(written.manifest()).contains(from);
        assertThatThrownBy(() -> read(written.manifest().replace(from, to), written))
                .isInstanceOf(SealException.class)
                .hasMessageContaining(words);
    }

    @Test
    void artifact_anotherOneSubject_isRefused() throws SealException {
        String other = Digest.Algorithm.SHA256.of(new byte[] {9}).toString();
        refusedAfter(IMAGE.digest().toString(), other, "it refers to " + other);
    }

    @Test
    void artifact_anotherSizeOfItsSubject_isRefused() throws SealException {
        refusedAfter("\"size\":" + IMAGE.size() + "}}", "\"size\":6}}", "it refers to");
    }

    @Test
    void artifact_withoutSubject_isRefused() throws SealException {
        refusedAfter("\"subject\"", "\"object\"", "refers to nothing");
    }

    @Test
    void artifact_anotherType_isRefused() throws SealException {
        refusedAfter(SealArtifact.ARTIFACT_TYPE, "application/x", "its type is");
    }

    @Test
    void artifact_configThatIsNotEmpty_isRefused() throws SealException {
        refusedAfter("\"size\":2}", "\"size\":3}", "its config is");
    }

    @Test
    void artifact_anotherOrder_isRefused() throws SealException {
        refusedAfter("composefs.manifest.", "composefs.config.", "in the order");
    }

    @Test
    void artifact_layerEntry_isRefused() throws SealException {
        refusedAfter("composefs.manifest.fsverity", "composefs.layer.erofs.v1.fsverity", "does not hold");
    }

    @Test
    void artifact_layerWithoutKey_isRefused() throws SealException {
        refusedAfter("composefs.manifest.", "example.manifest.", "expected one key");
    }

    @Test
    void artifact_signatureKey_isRefused() throws SealException {
        refusedAfter(
                "composefs.manifest.fsverity-sha512-12",
                "composefs.manifest.fsverity-sha512-12.sig",
                "expected one key");
    }

    @Test
    void artifact_anotherAlgorithm_isRefused() throws SealException {
        refusedAfter("composefs.config.fsverity-sha512-12", "composefs.config.fsverity-sha512-16", "as in the first");
    }

    @Test
    void artifact_anotherMediaTypeOfASignature_isRefused() throws SealException {
        refusedAfter(SealArtifact.SIGNATURE_TYPE, "application/pkcs7", "media type");
    }

    @Test
    void artifact_signatureOfNoBytes_isRefused() throws SealException {
        refusedAfter("\"size\":" + SIGNATURE.length + ",", "\"size\":0,", "signature of 0 bytes");
    }

    @Test
    void artifact_signatureOfTooManyBytes_isRefused() throws SealException {
        refusedAfter(
                "\"size\":" + SIGNATURE.length + ",",
                "\"size\":" + (FsVeritySignature.MAX_LENGTH + 1) + ",",
                "signature of 16129 bytes");
    }

    @Test
    void artifact_index_isRefused() {
        byte[] index = ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":[]}")
                .getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> SealArtifact.read(index, IMAGE, (blob, limit) -> new byte[0]))
                .isInstanceOf(SealException.class);
    }

    @Test
    void artifact_ofTooManyBytes_isRefused() {
        assertThatThrownBy(() ->
                        SealArtifact.read(new byte[SealArtifact.MAX_LENGTH + 1], IMAGE, (blob, limit) -> new byte[0]))
                .isInstanceOf(SealException.class)
                .hasMessageContaining("at most");
    }
}
