package dev.bulla.kbs;

import dev.bulla.kbs.policy.AttestationPolicy;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.kbs.store.BlobStore;
import dev.bulla.kbs.store.StoreException;
import dev.bulla.oci.Quoted;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The policies in force: one for resources, one a kind of device for attestation ({@code default_cpu}, {@code default_gpu} …).
 * What an administrator sets is kept, and is in force again after a start; a text that no longer reads stops the start.
 */
final class Policies {
    static final String RESOURCE_POLICY = "resource-policy";

    /** How many attestation policies there may be. */
    static final int MAX_POLICIES = 64;

    private static final String ID = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}";

    private final PolicyReader reader;
    private final BlobStore resourceTexts;
    private final BlobStore attestationTexts;
    private final AtomicReference<ResourcePolicy> resource;
    private final Map<String, AttestationPolicy> attestation;

    Policies(
            PolicyReader reader,
            ResourcePolicy resource,
            Map<String, AttestationPolicy> attestation,
            BlobStore resourceTexts,
            BlobStore attestationTexts)
            throws KbsException {
        this.reader = reader;
        this.resourceTexts = resourceTexts;
        this.attestationTexts = attestationTexts;
        this.resource = new AtomicReference<>(resource);
        this.attestation = new ConcurrentHashMap<>(attestation);
        try {
            Optional<byte[]> kept = resourceTexts.get(RESOURCE_POLICY);
            if (kept.isPresent()) {
                this.resource.set(reader.resourcePolicy(text(kept.get())));
            }
            for (BlobStore.Entry entry : attestationTexts.list()) {
                Optional<byte[]> text = attestationTexts.get(entry.key());
                if (text.isPresent()) {
                    this.attestation.put(entry.key(), reader.attestationPolicy(text(text.get())));
                }
            }
        } catch (StoreException | PolicyException e) {
            throw new KbsException("the policies that are kept: " + e.getMessage(), e);
        }
    }

    private static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    ResourcePolicy resource() {
        return resource.get();
    }

    void setResource(ResourcePolicy policy) {
        resource.set(policy);
    }

    /** Reads, keeps and sets the resource policy. */
    synchronized ResourcePolicy setResource(String text) throws PolicyException, StoreException {
        ResourcePolicy read = reader.resourcePolicy(text);
        resourceTexts.put(RESOURCE_POLICY, text.getBytes(StandardCharsets.UTF_8));
        resource.set(read);
        return read;
    }

    Optional<AttestationPolicy> attestation(String id) {
        return Optional.ofNullable(attestation.get(id));
    }

    /** Reads, keeps and sets an attestation policy. */
    synchronized void setAttestation(String id, String text) throws PolicyException, StoreException {
        if (!id.matches(ID)) {
            throw new PolicyException("policy id " + Quoted.text(id)
                    + ": expected 1 to 128 letters, digits, _, . and -, not beginning with . or -");
        }
        if (!attestation.containsKey(id) && attestation.size() >= MAX_POLICIES) {
            throw new PolicyException("more than " + MAX_POLICIES + " attestation policies");
        }
        AttestationPolicy read = reader.attestationPolicy(text);
        attestationTexts.put(id, text.getBytes(StandardCharsets.UTF_8));
        attestation.put(id, read);
    }
}
