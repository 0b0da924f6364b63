package dev.bulla.oci;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of an image: {@code host[:port]/path[:tag][@digest]}, normalised as Docker does it ({@code busybox} is
 * {@code docker.io/library/busybox}). A reference without tag and digest stays so; {@link #withDefaultTag} adds
 * {@code latest} where one is to be fetched.
 *
 * <p>Grammar: the distribution project's {@code reference} package. With tag and digest the bytes are fetched by digest
 * and the tag is never resolved; {@link #byDigest} and {@link #byTag} split such a name for those who must look at one
 * half only.
 *
 * @param domain the registry's host, with its port where one was given
 * @param path the repository's path on it
 * @param tag the tag, if any
 * @param digest the digest, if any
 */
public record ImageReference(String domain, String path, Optional<String> tag, Optional<Digest> digest) {

    /** The most characters of host and path together, a limit of the distribution project. */
    public static final int MAX_NAME_LENGTH = 255;

    private static final String DEFAULT_DOMAIN = "docker.io";
    private static final String LEGACY_DEFAULT_DOMAIN = "index.docker.io";
    private static final String OFFICIAL = "library/";

    private static final String DOMAIN_COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
    private static final Pattern DOMAIN = Pattern.compile(
            "(?:" + DOMAIN_COMPONENT + "(?:\\." + DOMAIN_COMPONENT + ")*|\\[[a-fA-F0-9:]+])(?::[0-9]+)?");
    private static final String PATH_COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    private static final Pattern PATH = Pattern.compile(PATH_COMPONENT + "(?:/" + PATH_COMPONENT + ")*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    private static final Pattern IDENTIFIER = Pattern.compile("[a-f0-9]{64}");

    public ImageReference {
        requireNonNull(tag, "tag is null");
        requireNonNull(digest, "digest is null");
        if (domain.length() + 1 + path.length() > MAX_NAME_LENGTH
                || !DOMAIN.matcher(domain).matches()
                || !PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("not a repository name: " + domain + "/" + path);
        }
        if (tag.isPresent() && !TAG.matcher(tag.get()).matches()) {
            throw new IllegalArgumentException("not a tag: " + tag.get());
        }
    }

    /**
     * Reads a reference and normalises it.
     *
     * @throws OciException when the text is no image reference
     */
    public static ImageReference parse(String text) throws OciException {
        if (text.length() > 4096) {
            throw refused(text, "longer than 4096 characters");
        }
        if (IDENTIFIER.matcher(text).matches()) {
            throw refused(text, "64 hex digits are an identifier, not a name");
        }
        String rest = text;
        Optional<Digest> digest = Optional.empty();
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = Optional.of(Digest.parse(rest.substring(at + 1)));
            rest = rest.substring(0, at);
        }
        Optional<String> tag = Optional.empty();
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            String tagText = rest.substring(colon + 1);
            if (!TAG.matcher(tagText).matches()) {
                throw refused(text, "the tag is not 1 to 128 of A-Z a-z 0-9 _ . -, beginning with none of . -");
            }
            tag = Optional.of(tagText);
            rest = rest.substring(0, colon);
        }
        String domain = DEFAULT_DOMAIN;
        String path = rest;
        int slash = rest.indexOf('/');
        if (slash >= 0 && looksLikeDomain(rest.substring(0, slash))) {
            domain = rest.substring(0, slash);
            path = rest.substring(slash + 1);
        }
        if (domain.equals(LEGACY_DEFAULT_DOMAIN)) {
            domain = DEFAULT_DOMAIN;
        }
        if (domain.equals(DEFAULT_DOMAIN) && path.indexOf('/') < 0) {
            path = OFFICIAL + path;
        }
        if (domain.length() + 1 + path.length() > MAX_NAME_LENGTH) {
            throw refused(text, "the name is longer than " + MAX_NAME_LENGTH + " characters");
        }
        if (!DOMAIN.matcher(domain).matches()) {
            throw refused(text, "the host is not a name, an address or [an IPv6 address], with a port or none");
        }
        if (!PATH.matcher(path).matches()) {
            throw refused(text, "a repository's path is lower-case letters, digits, and . _ __ - between them");
        }
        return new ImageReference(domain, path, tag, digest);
    }

    private static boolean looksLikeDomain(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || first.chars().anyMatch(c -> c >= 'A' && c <= 'Z');
    }

    private static OciException refused(String text, String why) {
        return new OciException("image reference " + Quoted.text(text) + ": " + why);
    }

    /** The repository, {@code host/path}. */
    public String name() {
        return domain + "/" + path;
    }

    /** This reference without its tag; needs a digest. */
    public ImageReference byDigest() {
        if (digest.isEmpty()) {
            throw new IllegalStateException(this + " has no digest");
        }
        return new ImageReference(domain, path, Optional.empty(), digest);
    }

    /** This reference without its digest; needs a tag. */
    public ImageReference byTag() {
        if (tag.isEmpty()) {
            throw new IllegalStateException(this + " has no tag");
        }
        return new ImageReference(domain, path, tag, Optional.empty());
    }

    /** This reference, with the tag {@code latest} where it has neither tag nor digest. */
    public ImageReference withDefaultTag() {
        return tag.isPresent() || digest.isPresent()
                ? this
                : new ImageReference(domain, path, Optional.of("latest"), digest);
    }

    @Override
    public String toString() {
        return name()
                + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}
