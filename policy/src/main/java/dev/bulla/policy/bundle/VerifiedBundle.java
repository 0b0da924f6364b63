package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.signature.Signer;

/** A bundle whose signature, and everything that its trust asks for, was verified. */
public sealed interface VerifiedBundle {

    /** Who signed, and when where a witness said so. */
    Signer signer();

    /**
     * A statement. What it is about must then be compared ({@link InTotoStatement#requireSubject}), and its kind.
     *
     * @param signer who signed
     * @param statement what is signed
     */
    record Statement(Signer signer, InTotoStatement statement) implements VerifiedBundle {
        public Statement {
            requireNonNull(signer, "signer is null");
            requireNonNull(statement, "statement is null");
        }
    }

    /**
     * The artifact that the caller gave.
     *
     * @param signer who signed
     */
    record Artifact(Signer signer) implements VerifiedBundle {
        public Artifact {
            requireNonNull(signer, "signer is null");
        }
    }
}
