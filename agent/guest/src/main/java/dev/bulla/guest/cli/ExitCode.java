package dev.bulla.guest.cli;

import dev.bulla.attestation.client.AttestationException;
import dev.bulla.attestation.client.KbsConfigurationException;
import dev.bulla.attestation.client.secret.SealedSecretException;
import dev.bulla.composefs.ImageFormatException;
import dev.bulla.composefs.UnwritableTreeException;
import dev.bulla.composefs.check.BrokenStoreException;
import dev.bulla.composefs.mount.ImageMismatchException;
import dev.bulla.composefs.oci.BrokenStreamException;
import dev.bulla.composefs.seal.SealException;
import dev.bulla.composefs.signature.SignatureRefusedException;
import dev.bulla.composefs.signature.UnusableKeyException;
import dev.bulla.composefs.store.BrokenObjectException;
import dev.bulla.composefs.stream.SplitStreamException;
import dev.bulla.guest.bundle.BundleException;
import dev.bulla.guest.delta.DeltaException;
import dev.bulla.guest.export.BrokenLayerException;
import dev.bulla.guest.layer.LayerException;
import dev.bulla.guest.pull.ContentException;
import dev.bulla.guest.pull.PolicyMissingException;
import dev.bulla.guest.store.RecordRefusedException;
import dev.bulla.oci.OciException;
import dev.bulla.oci.ResourceException;
import dev.bulla.ocicrypt.KeyFormatException;
import dev.bulla.ocicrypt.LayerAuthenticationException;
import dev.bulla.ocicrypt.MalformedEncryptionException;
import dev.bulla.ocicrypt.OcicryptException;
import dev.bulla.policy.PolicyException;
import dev.bulla.registry.ContentMismatchException;
import dev.bulla.registry.RegistryException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.ExecutionException;

/** What a process ends with; the numbers are part of the command line's contract. */
public enum ExitCode {
    /** Done. */
    DONE(0),
    /** A defect of ours. */
    DEFECT(1),
    /** The command line is wrong. */
    USAGE(2),
    /** Refused by policy, or there is no policy. */
    POLICY(3),
    /** The registry: not found, unauthorised, unreachable, too slow, redirect refused. */
    REGISTRY(4),
    /** Attestation or the release of a key was refused, or no key opens a layer. */
    KEYS(5),
    /** The content is refused: digest, size, HMAC, diff_id, verity, or a malformed, oversized or hostile document. */
    CONTENT(6),
    /** The store, or input and output. */
    STORE(7);

    private final int code;

    ExitCode(int code) {
        this.code = code;
    }

    /** The number. */
    public int code() {
        return code;
    }

    /** The code of what a room threw. */
    public static ExitCode of(Throwable thrown) {
        return switch (thrown) {
            case CommandException e -> e.exitCode();
            case PolicyException e -> POLICY;
            case PolicyMissingException e -> POLICY;
            case ContentMismatchException e -> CONTENT;
            case RegistryException e -> REGISTRY;
            case KbsConfigurationException e -> USAGE;
            case AttestationException e -> KEYS;
            case ResourceException e -> KEYS;
            case SealedSecretException e -> ofSealedSecret(e.reason());
            case KeyFormatException e -> USAGE;
            case MalformedEncryptionException e -> CONTENT;
            case OcicryptException e -> KEYS;
            case LayerAuthenticationException e -> CONTENT;
            case LayerException e -> CONTENT;
            case ContentException e -> CONTENT;
            case SealException e -> CONTENT;
            case BundleException e -> CONTENT;
            case OciException e -> CONTENT;
            case ImageMismatchException e -> CONTENT;
            case BrokenObjectException e -> CONTENT;
            case RecordRefusedException e -> CONTENT;
            case BrokenStreamException e -> CONTENT;
            case SplitStreamException e -> CONTENT;
            case BrokenLayerException e -> CONTENT;
            case DeltaException e -> CONTENT;
            case ImageFormatException e -> CONTENT;
            case BrokenStoreException e -> CONTENT;
            case UnwritableTreeException e -> CONTENT;
            case SignatureRefusedException e -> CONTENT;
            case UnusableKeyException e -> KEYS;
            // Our own documents and trees are small: only what comes from outside can exhaust heap or stack.
            case OutOfMemoryError e -> CONTENT;
            case StackOverflowError e -> CONTENT;
            case ExecutionException e when e.getCause() != null -> of(e.getCause());
            case UncheckedIOException e when e.getCause() != null -> of(e.getCause());
            case IOException e -> STORE;
            default -> DEFECT;
        };
    }

    private static ExitCode ofSealedSecret(SealedSecretException.Reason reason) {
        return switch (reason) {
            case MALFORMED, SIGNATURE, DECRYPTION -> CONTENT;
            case KEY, PROVIDER -> KEYS;
        };
    }
}
