package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import java.net.URI;

/**
 * Gives the resources of a KBS by {@code kbs:} URI.
 *
 * <p><b>Security.</b> It gives whatever the KBS releases; whoever wires it asks {@link #channel} first, and takes policy,
 * credentials and roots only where {@link KbsChannel#pinned} holds.
 */
public final class KbsResourceSource implements ResourceSource {
    private final KbsClient client;

    /** The resources that this client gets; the caller closes it. */
    public KbsResourceSource(KbsClient client) {
        this.client = requireNonNull(client, "client is null");
    }

    /** How the KBS is reached. */
    public KbsChannel channel() {
        return client.channel();
    }

    @Override
    public byte[] fetch(URI uri, int limit) throws ResourceException {
        ResourceUri resource;
        try {
            resource = ResourceUri.from(uri);
        } catch (KbsProtocolException e) {
            throw new ResourceException(uri, ResourceException.Reason.REFUSED, e.getMessage(), e);
        }
        try {
            return client.fetch(resource, Math.min(limit, KbsClient.MAX_RESOURCE));
        } catch (AttestationException e) {
            throw new ResourceException(uri, reason(e), withoutName(uri, e.getMessage()), e);
        }
    }

    /** The client names the resource first in its refusals, and so does {@link ResourceException}: once is enough. */
    private static String withoutName(URI uri, String message) {
        String name = uri + ": ";
        return message.startsWith(name) ? message.substring(name.length()) : message;
    }

    private static ResourceException.Reason reason(AttestationException e) {
        return switch (e) {
            case KbsConfigurationException configuration -> ResourceException.Reason.REFUSED;
            case KbsUnreachableException unreachable -> ResourceException.Reason.UNAVAILABLE;
            case BadServerException bad -> ResourceException.Reason.UNAVAILABLE;
            case EvidenceUnavailableException unavailable -> ResourceException.Reason.DENIED;
            case EvidenceRefusedException refused -> ResourceException.Reason.DENIED;
            case InitDataMismatchException mismatch -> ResourceException.Reason.REFUSED;
            case DeniedByPolicyException denied -> ResourceException.Reason.DENIED;
            case NoSuchResourceException absent -> ResourceException.Reason.NOT_FOUND;
            case ResourceTooLargeException large -> ResourceException.Reason.TOO_LARGE;
        };
    }
}
