package dev.bulla.policy;

import dev.bulla.oci.Digest;
import dev.bulla.policy.bundle.BundleTrust;
import dev.bulla.policy.bundle.BundleVerifier;
import dev.bulla.policy.bundle.CertificateIdentity;
import dev.bulla.policy.bundle.SigstoreBundle;
import dev.bulla.policy.bundle.TrustedRoot;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.VerificationKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The rows of the kind {@code sigstore-bundle}: a folder each, in the layout of sigstore-conformance. */
final class SigstoreBundleRows {
    private static final CertificateIdentity BEACON = new CertificateIdentity(
            "https://token.actions.githubusercontent.com",
            "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/"
                    + "extremely-dangerous-oidc-beacon.yml@refs/heads/main");

    private SigstoreBundleRows() {}

    /** {@code accept} or {@code reject}; empty where the row's note acts in a way that we do not know. */
    static Optional<String> run(Path root, ConformanceCase row) throws IOException {
        if (ConformanceNote.parse(row.note()).unknown().isPresent()) {
            return Optional.empty();
        }
        Path folder = root.resolve(row.files());
        try {
            verify(folder);
            return Optional.of("accept");
        } catch (SignatureRejectedException e) {
            if (e.getMessage().contains("\n")) {
                throw new AssertionError("a refusal of several lines", e);
            }
            return Optional.of("reject");
        } catch (KeyMaterialException e) {
            return Optional.of("reject");
        }
    }

    static void verify(Path folder) throws IOException, SignatureRejectedException, KeyMaterialException {
        Path beside = folder.resolveSibling(".");
        byte[] artifact = Files.readAllBytes(firstOf(folder.resolve("artifact"), beside.resolve("a.txt")));
        BundleVerifier verifier = new BundleVerifier(trust(folder, beside));
        SigstoreBundle bundle = SigstoreBundle.parse(Files.readAllBytes(folder.resolve("bundle.sigstore.json")));
        if (bundle.holdsEnvelope()) {
            verifier.verifyStatement(bundle).statement().requireSubject(Digest.Algorithm.SHA256.of(artifact));
        } else {
            verifier.verifyArtifact(bundle, artifact);
        }
    }

    private static BundleTrust trust(Path folder, Path beside) throws IOException, KeyMaterialException {
        TrustedRoot root = TrustedRoot.parse(
                Files.readAllBytes(
                        firstOf(folder.resolve("trusted_root.json"), beside.resolve("public-good-trusted_root.json"))),
                "trusted_root.json");
        Path key = folder.resolve("key.pub");
        if (Files.exists(key)) {
            return new BundleTrust.Keys(
                    List.of(VerificationKey.parse(Files.readAllBytes(key), "key.pub")),
                    Optional.of(new BundleTrust.Witnesses(root, true, false)));
        }
        CertificateIdentity identity = new CertificateIdentity(
                text(folder.resolve("issuer"), BEACON.issuer()), text(folder.resolve("identity"), BEACON.subject()));
        return new BundleTrust.Keyless(root, List.of(identity));
    }

    private static Path firstOf(Path first, Path otherwise) {
        return Files.exists(first) ? first : otherwise;
    }

    private static String text(Path file, String otherwise) throws IOException {
        return Files.exists(file) ? Files.readString(file).strip() : otherwise;
    }
}
