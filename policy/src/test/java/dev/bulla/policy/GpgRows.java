package dev.bulla.policy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.policy.openpgp.KeyRing;
import dev.bulla.policy.openpgp.KeyRingReader;
import dev.bulla.policy.openpgp.SignedMessage;
import dev.bulla.policy.openpgp.VerifiedMessage;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.SimpleSigningPayload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rows of {@code policy/cases.tsv} about OpenPGP: {@code gpg-verify}, {@code gpg-image} and {@code gpg-import}. */
final class GpgRows {
    private static final String DEFAULT_RING = "fixtures/pubring.gpg";
    private static final String OK_FINGERPRINT = "08CD26E446E2E95249B7A405E932F44B23E8DD43";
    private static final Pattern LITERAL = Pattern.compile("literal bytes \"(.*)\"");
    private static final Pattern IDENTITIES = Pattern.compile("identities=\\[([^\\]]*)\\].*");
    private static final Pattern PRIMARY = Pattern.compile("primary ([0-9A-F]{4})\\.\\.([0-9A-F]{4})");

    private final Path root;

    GpgRows(Path root) {
        this.root = requireNonNull(root, "root is null");
    }

    /** What became of a row; empty where its input is of a form that this does not know. */
    Optional<String> run(ConformanceCase row) throws IOException {
        if (ConformanceNote.parse(row.note()).unknown().isPresent()
                && !IDENTITIES.matcher(row.note()).matches()) {
            return Optional.empty();
        }
        try {
            return switch (row.kind()) {
                case "gpg-verify" -> verify(row);
                case "gpg-image" -> image(row);
                case "gpg-import" -> imported(row);
                default -> Optional.empty();
            };
        } catch (SignatureRejectedException | KeyMaterialException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
            return Optional.of("reject");
        }
    }

    private Optional<String> verify(ConformanceCase row)
            throws IOException, SignatureRejectedException, KeyMaterialException {
        Optional<KeyRing> ring = ring(row.input());
        if (ring.isEmpty()) {
            return Optional.empty();
        }
        VerifiedMessage message = SignedMessage.verify(
                bytes(row.files()), ring.get(), Clocks.now().now());
        Matcher primary = PRIMARY.matcher(row.note());
        if (primary.matches()) {
            assertThat(message.signer().id()).matches("openpgp:" + primary.group(1) + ".*" + primary.group(2));
        }
        return Optional.of("accept");
    }

    private Optional<String> image(ConformanceCase row)
            throws IOException, SignatureRejectedException, KeyMaterialException {
        String[] files = row.files().strip().split(" (?=\\S+$)", -1);
        if (!row.input().startsWith("fpr=") || files.length != 2) {
            return Optional.empty();
        }
        String fingerprint = row.input().substring("fpr=".length());
        KeyRing ring = ring("keyring=" + DEFAULT_RING).orElseThrow();
        VerifiedMessage message =
                SignedMessage.verify(bytes(files[0]), ring, Clocks.now().now());
        boolean expectedKey =
                message.signer().id().equals("openpgp:" + (fingerprint.equals("ok") ? OK_FINGERPRINT : fingerprint));
        SimpleSigningPayload statement =
                SimpleSigningPayload.parse(message.content(), SimpleSigningPayload.Type.ATOMIC);
        boolean expectedDigest = statement.manifestDigest().equals(Digest.Algorithm.SHA256.of(bytes(files[1])));
        return Optional.of(
                expectedKey && expectedDigest && sameName(row.imageRef(), statement.dockerReference())
                        ? "accept"
                        : "reject");
    }

    private static boolean sameName(String expected, String signed) {
        try {
            return ImageReference.parse(expected).equals(ImageReference.parse(signed));
        } catch (OciException e) {
            return false;
        }
    }

    private Optional<String> imported(ConformanceCase row) throws IOException, KeyMaterialException {
        KeyRing ring = ring("keyring=" + row.input()).orElseThrow();
        Matcher identities = IDENTITIES.matcher(row.note());
        if (identities.matches()) {
            List<String> expected = new ArrayList<>();
            for (String fingerprint : identities.group(1).split("[ ,]+", -1)) {
                if (!fingerprint.isEmpty()) {
                    expected.add(fingerprint);
                }
            }
            assertThat(ring.fingerprints()).isEqualTo(Set.copyOf(expected));
        }
        return Optional.of("accept");
    }

    /** The ring of {@code keyring=FILES}; several are separated by spaces or commas. */
    private Optional<KeyRing> ring(String input) throws IOException, KeyMaterialException {
        if (!input.startsWith("keyring=")) {
            return Optional.empty();
        }
        String files = input.substring("keyring=".length());
        KeyRingReader reader = new KeyRingReader();
        for (String file : isInline(files) ? new String[] {files} : files.split("[ ,]+", -1)) {
            reader.add(bytes(file), file);
        }
        return Optional.of(reader.ring());
    }

    private static boolean isInline(String text) {
        return text.isEmpty()
                || text.equals("(empty bytes)")
                || LITERAL.matcher(text).matches();
    }

    private byte[] bytes(String text) throws IOException {
        if (text.isEmpty() || text.equals("(empty bytes)")) {
            return new byte[0];
        }
        Matcher literal = LITERAL.matcher(text);
        return literal.matches()
                ? literal.group(1).getBytes(StandardCharsets.UTF_8)
                : Files.readAllBytes(root.resolve(text));
    }
}
