package dev.bulla.policy.notation;

import dev.bulla.oci.Quoted;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;

/**
 * A subject as trusted identities name it: attribute types, each at most once, and their values, compared exactly. Spec:
 * trust-store-trust-policy.md, Trusted Identities Constraints; RFC 4514 for the text.
 *
 * @param attributes the values by type: C, ST, L, O, OU, CN, STREET, POSTALCODE, SERIALNUMBER
 */
record DistinguishedName(Map<String, String> attributes) {
    /** The most characters of one. */
    static final int MAX_LENGTH = 4096;

    private static final Map<String, String> TYPES = Map.of(
            "2.5.4.6", "C",
            "2.5.4.8", "ST",
            "2.5.4.7", "L",
            "2.5.4.10", "O",
            "2.5.4.11", "OU",
            "2.5.4.3", "CN",
            "2.5.4.9", "STREET",
            "2.5.4.17", "POSTALCODE",
            "2.5.4.5", "SERIALNUMBER");

    private static final List<String> MANDATORY = List.of("C", "ST", "O");
    private static final String SPECIAL = " \"#+,;<=>\\";

    DistinguishedName {
        attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
    }

    /**
     * Reads the text of a trusted identity, {@code C=US, ST=WA, O=acme}.
     *
     * @throws IllegalArgumentException when it is none, with the reason
     */
    static DistinguishedName parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("the name has " + text.length() + " characters, limit " + MAX_LENGTH);
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        Parser parser = new Parser(text);
        do {
            String type = parser.type();
            String value = parser.value();
            if (value.isEmpty()) {
                throw new IllegalArgumentException("the value of " + type + " is empty");
            }
            if (attributes.put(type, value) != null) {
                throw new IllegalArgumentException("the attribute " + type + " stands twice");
            }
        } while (parser.more());
        for (String type : MANDATORY) {
            if (!attributes.containsKey(type)) {
                throw new IllegalArgumentException("the attribute " + type + " is missing; C, ST and O are mandatory");
            }
        }
        return new DistinguishedName(attributes);
    }

    /**
     * The subject of a certificate; attributes of other types than ours are left out.
     *
     * @throws IllegalArgumentException when an attribute of our types stands twice or is no text, with the reason
     */
    static DistinguishedName ofSubject(X509Certificate certificate) {
        Map<String, String> attributes = new LinkedHashMap<>();
        for (RDN rdn : X500Name.getInstance(
                        certificate.getSubjectX500Principal().getEncoded())
                .getRDNs()) {
            if (rdn.isMultiValued()) {
                throw new IllegalArgumentException("the subject has an element of several attributes");
            }
            AttributeTypeAndValue attribute = rdn.getFirst();
            String type = TYPES.get(attribute.getType().getId());
            if (type == null) {
                continue;
            }
            if (!(attribute.getValue() instanceof ASN1String value)) {
                throw new IllegalArgumentException("the subject's " + type + " is no text");
            }
            if (attributes.put(type, value.getString()) != null) {
                throw new IllegalArgumentException("the subject has " + type + " twice");
            }
        }
        return new DistinguishedName(attributes);
    }

    /** Whether every attribute of this is one of the other. */
    boolean isPartOf(DistinguishedName other) {
        return other.attributes.entrySet().containsAll(attributes.entrySet());
    }

    /** The attributes, in the order of their types, for messages. */
    @Override
    public String toString() {
        return Quoted.text(attributes.toString());
    }

    /** Goes through RFC 4514 text once. */
    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        String type() {
            int equals = text.indexOf('=', at);
            if (equals < 0) {
                throw new IllegalArgumentException("no = in " + Quoted.text(text.substring(at)));
            }
            String written = text.substring(at, equals).strip();
            String type = written.equals("S") ? "ST" : written;
            if (!TYPES.containsValue(type)) {
                throw new IllegalArgumentException("the attribute " + Quoted.text(written)
                        + ", expected C, ST, S, L, O, OU, CN, STREET, POSTALCODE or SERIALNUMBER");
            }
            at = equals + 1;
            return type;
        }

        String value() {
            while (at < text.length() && text.charAt(at) == ' ') {
                at++;
            }
            if (at < text.length() && text.charAt(at) == '#') {
                throw new IllegalArgumentException("a value in hexadecimal");
            }
            ByteArrayOutputStream value = new ByteArrayOutputStream();
            int kept = 0; // a space at the end counts only where it is escaped
            while (at < text.length() && text.charAt(at) != ',') {
                int c = text.codePointAt(at);
                if (c == '\\') {
                    escaped(value);
                    kept = value.size();
                } else if (c == 0 || "\"+;<>".indexOf(c) >= 0) {
                    throw new IllegalArgumentException(
                            "the character " + Quoted.text(Character.toString(c)) + " must be escaped");
                } else {
                    value.writeBytes(Character.toString(c).getBytes(StandardCharsets.UTF_8));
                    at += Character.charCount(c);
                    if (c != ' ') {
                        kept = value.size();
                    }
                }
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(value.toByteArray(), 0, kept))
                        .toString();
            } catch (CharacterCodingException e) {
                throw new IllegalArgumentException("escaped bytes that are not UTF-8", e);
            }
        }

        private void escaped(ByteArrayOutputStream value) {
            if (at + 1 < text.length() && SPECIAL.indexOf(text.charAt(at + 1)) >= 0) {
                value.write(text.charAt(at + 1));
                at += 2;
            } else if (at + 2 < text.length()
                    && HexFormat.isHexDigit(text.charAt(at + 1))
                    && HexFormat.isHexDigit(text.charAt(at + 2))) {
                value.write(HexFormat.fromHexDigits(text, at + 1, at + 3));
                at += 3;
            } else {
                throw new IllegalArgumentException("a backslash that escapes nothing");
            }
        }

        /** Whether another attribute follows; goes over the comma. */
        boolean more() {
            if (at == text.length()) {
                return false;
            }
            at++;
            return true;
        }
    }
}
