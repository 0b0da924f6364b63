package dev.bulla.kbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.Tee;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A guest's session: its challenge, and what came of it.
 *
 * <p><b>Security.</b> The nonce answers once. Whoever answers first, rightly or not, has used it up; only the very answer
 * that was accepted gets its token a second time.
 */
final class AttestationSession {
    /** What a session has come to. */
    private sealed interface State {
        /** The challenge stands. */
        record Challenged() implements State {}

        /** The challenge is used up. */
        record Spent() implements State {}

        /** The answer with this hash was accepted; the token is its text, since claims take several times the memory. */
        record Attested(String answerHash, String token) implements State {
            /** Without the token, which lets its bearer in. */
            @Override
            public String toString() {
                return "Attested[" + answerHash + "]";
            }
        }
    }

    private final String id;
    private final Tee tee;
    private final String nonce;
    private final HashAlgorithm hash;
    private final String address;
    private final Instant expiresAt;

    @GuardedBy("this")
    private State state = new State.Challenged();

    AttestationSession(String id, Tee tee, String nonce, HashAlgorithm hash, String address, Instant expiresAt) {
        this.id = id;
        this.tee = tee;
        this.nonce = nonce;
        this.hash = hash;
        this.address = address;
        this.expiresAt = expiresAt;
    }

    /** The cookie's value, by which whoever has it is the guest. */
    String id() {
        return id;
    }

    /** A name for the session that lets nobody in. */
    String publicName() {
        byte[] hash = HashAlgorithm.SHA256.digest(id.getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(hash, 0, 8);
    }

    Tee tee() {
        return tee;
    }

    String nonce() {
        return nonce;
    }

    /** The hash that binds evidence to the challenge. */
    HashAlgorithm hash() {
        return hash;
    }

    /** What the guest's address counts as. */
    String address() {
        return address;
    }

    /** Whether the challenge is used up. */
    synchronized boolean isAnswered() {
        return !(state instanceof State.Challenged);
    }

    /** Whether the answer was accepted. */
    synchronized boolean isAttested() {
        return state instanceof State.Attested;
    }

    Instant expiresAt() {
        return expiresAt;
    }

    /**
     * Uses up the challenge.
     *
     * @return the token, where this very answer was accepted before; else nothing, and the caller judges the answer
     * @throws KbsRefusal when the challenge was used up before
     */
    synchronized Optional<String> spend(byte[] answer) throws KbsRefusal {
        switch (state) {
            case State.Challenged challenged -> {
                state = new State.Spent();
                return Optional.empty();
            }
            case State.Spent spent -> throw RcarEndpoints.attestRefused("the session's nonce is used up");
            case State.Attested attested -> {
                if (!MessageDigest.isEqual(bytes(hash(answer)), bytes(attested.answerHash()))) {
                    throw RcarEndpoints.attestRefused("the session was attested by another answer");
                }
                return Optional.of(attested.token());
            }
        }
    }

    /** The answer that used up the challenge is accepted. */
    synchronized void accept(byte[] answer, String token) {
        state = new State.Attested(hash(answer), token);
    }

    /** The token, if the session is attested. */
    synchronized Optional<String> token() {
        return state instanceof State.Attested attested ? Optional.of(attested.token()) : Optional.empty();
    }

    private static String hash(byte[] answer) {
        return HexFormat.of().formatHex(HashAlgorithm.SHA256.digest(answer));
    }

    private static byte[] bytes(String hex) {
        return hex.getBytes(StandardCharsets.US_ASCII);
    }
}
