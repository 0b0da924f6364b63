package dev.bulla.policy.bundle;

import dev.bulla.policy.bundle.TrustedRoot.TransparencyLog;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;

/**
 * The signed certificate timestamps that stand in a certificate: a log's word that it has the pre-certificate. Spec: RFC 6962,
 * sections 3.2 and 3.3.
 */
final class CertificateTimestamps {
    /** The most timestamps of one certificate. */
    static final int MAX_TIMESTAMPS = 16;

    private static final ASN1ObjectIdentifier LIST = new ASN1ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2");
    private static final int EXTENSIONS_TAG = 3;
    private static final int LOG_ID_LENGTH = 32;
    private static final byte V1 = 0;
    private static final byte CERTIFICATE_TIMESTAMP = 0;
    private static final short PRECERT_ENTRY = 1;

    private CertificateTimestamps() {}

    @SuppressWarnings("ArrayRecordComponent") // read by a verifier; compared by nobody
    private record Timestamp(byte[] logId, long millis, byte[] extensions, byte[] signature) {}

    /** Verifies that at least one timestamp is of a trusted log. */
    static void verify(X509Certificate certificate, X509Certificate issuer, TrustedRoot root)
            throws SignatureRejectedException {
        byte[] extension = certificate.getExtensionValue(LIST.getId());
        if (extension == null) {
            throw refused("it has none (" + LIST + ")");
        }
        List<Timestamp> timestamps;
        byte[] preCertificate;
        try {
            timestamps = timestamps(ASN1OctetString.getInstance(
                            ASN1OctetString.getInstance(extension).getOctets())
                    .getOctets());
            preCertificate = preCertificate(certificate);
        } catch (IOException
                | CertificateEncodingException
                | BufferUnderflowException
                | IllegalArgumentException
                | ClassCastException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.CERTIFICATE, "the certificate's signed timestamps: malformed", e);
        }
        byte[] issuerKey = HashAlgorithm.SHA256.of(issuer.getPublicKey().getEncoded());
        List<String> failures = new ArrayList<>();
        for (Timestamp timestamp : timestamps) {
            List<TransparencyLog> logs = root.certificateLogs().stream()
                    .filter(log -> log.hasId(timestamp.logId()))
                    .toList();
            if (logs.isEmpty()) {
                failures.add("no trusted log has the id " + HexFormat.of().formatHex(timestamp.logId()));
            }
            byte[] signed = signed(timestamp, issuerKey, preCertificate);
            Instant at = Instant.ofEpochMilli(timestamp.millis());
            for (TransparencyLog log : logs) {
                if (!log.validity().contains(at)) {
                    failures.add("the log " + log.name() + " was in use " + log.validity() + ", not at " + at);
                } else if (log.key().isEmpty() || !log.key().get().verifies(signed, timestamp.signature())) {
                    failures.add("the signature is not of the key of " + log.name());
                } else {
                    return;
                }
            }
        }
        throw refused(String.join("; ", failures));
    }

    private static List<Timestamp> timestamps(byte[] list) {
        ByteBuffer in = ByteBuffer.wrap(list);
        if (unsigned16(in) != in.remaining()) {
            throw new IllegalArgumentException("a list of another length");
        }
        List<Timestamp> timestamps = new ArrayList<>();
        while (in.hasRemaining()) {
            if (timestamps.size() == MAX_TIMESTAMPS) {
                throw new IllegalArgumentException("more than " + MAX_TIMESTAMPS);
            }
            ByteBuffer item = ByteBuffer.wrap(bytes(in, unsigned16(in)));
            if (item.get() != V1) {
                continue; // of a later version, which a reader of this one passes over
            }
            byte[] logId = bytes(item, LOG_ID_LENGTH);
            long millis = item.getLong();
            byte[] extensions = bytes(item, unsigned16(item));
            item.getShort(); // hash and signature algorithm: the log's key has one
            byte[] signature = bytes(item, unsigned16(item));
            if (item.hasRemaining() || millis < 0) {
                throw new IllegalArgumentException("bytes after a timestamp, or one beyond all time");
            }
            timestamps.add(new Timestamp(logId, millis, extensions, signature));
        }
        return timestamps;
    }

    private static int unsigned16(ByteBuffer in) {
        return Short.toUnsignedInt(in.getShort());
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** What the log signed: the certificate's body without the list of timestamps. */
    private static byte[] preCertificate(X509Certificate certificate) throws IOException, CertificateEncodingException {
        ASN1EncodableVector body = new ASN1EncodableVector();
        for (ASN1Encodable field : ASN1Sequence.getInstance(certificate.getTBSCertificate())) {
            body.add(
                    field instanceof ASN1TaggedObject tagged && tagged.getTagNo() == EXTENSIONS_TAG
                            ? new DERTaggedObject(
                                    true, EXTENSIONS_TAG, withoutList(ASN1Sequence.getInstance(tagged, true)))
                            : field);
        }
        return new DERSequence(body).getEncoded(ASN1Encoding.DER);
    }

    private static ASN1Sequence withoutList(ASN1Sequence extensions) {
        ASN1EncodableVector kept = new ASN1EncodableVector();
        for (ASN1Encodable extension : extensions) {
            if (!ASN1Sequence.getInstance(extension).getObjectAt(0).equals(LIST)) {
                kept.add(extension);
            }
        }
        return new DERSequence(kept);
    }

    private static byte[] signed(Timestamp timestamp, byte[] issuerKey, byte[] preCertificate) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(V1);
            out.writeByte(CERTIFICATE_TIMESTAMP);
            out.writeLong(timestamp.millis());
            out.writeShort(PRECERT_ENTRY);
            out.write(issuerKey);
            out.writeByte(preCertificate.length >>> 16);
            out.writeShort(preCertificate.length);
            out.write(preCertificate);
            out.writeShort(timestamp.extensions().length);
            out.write(timestamp.extensions());
        } catch (IOException e) {
            throw new IllegalStateException(e); // into memory
        }
        return bytes.toByteArray();
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(
                SignatureCheck.CERTIFICATE, "the certificate's signed timestamps: " + problem);
    }
}
