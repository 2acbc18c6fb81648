"""Conduit on Django REST framework, tuned: one statement for the articles with authors, counts and flags, one for the tags."""

import secrets

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.utils.text import slugify
from rest_framework import serializers, status
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed, NotFound
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Article, Favorite, Follow, Tag

User = get_user_model()


class ProfileSerializer(serializers.Serializer):
    username = serializers.CharField()
    bio = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField()
    following = serializers.SerializerMethodField()

    def get_bio(self, user) -> str | None:
        return user.profile.bio or None

    def get_image(self, user) -> str | None:
        return user.profile.image or None

    def get_following(self, user) -> bool:
        return user.following_it


class ArticleSerializer(serializers.Serializer):
    slug = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    body = serializers.CharField()
    tagList = serializers.SerializerMethodField()
    createdAt = serializers.DateTimeField(source="created_at")
    updatedAt = serializers.DateTimeField(source="updated_at")
    favorited = serializers.BooleanField()
    favoritesCount = serializers.IntegerField(source="favorites_count")
    author = serializers.SerializerMethodField()

    def get_tagList(self, article) -> list[str]:
        return [tag.name for tag in article.tags.all()]

    def get_author(self, article) -> dict:
        article.author.following_it = article.following_author
        return ProfileSerializer(article.author).data


class ListedArticleSerializer(ArticleSerializer):
    body = None


class NewArticle(serializers.Serializer):
    title = serializers.CharField(max_length=200)
    description = serializers.CharField()
    body = serializers.CharField()
    tagList = serializers.ListField(child=serializers.CharField(max_length=50), default=list)


def articles_for(user):
    """Articles as the user sees them."""
    liked = Favorite.objects.filter(article=OuterRef("pk")).order_by().values("article").annotate(n=Count("pk")).values("n")
    return (
        Article.objects.select_related("author__profile")
        .prefetch_related(Prefetch("tags", Tag.objects.order_by("name").only("id", "name")))
        .annotate(
            favorites_count=Coalesce(Subquery(liked), 0),
            favorited=Exists(Favorite.objects.filter(article=OuterRef("pk"), user=user)),
            following_author=Exists(Follow.objects.filter(followed=OuterRef("author"), follower=user)),
        )
    )


class Pages(LimitOffsetPagination):
    default_limit, max_limit = 20, 100


class Articles(APIView):
    authentication_classes, permission_classes = [TokenAuthentication], [IsAuthenticated]

    def get(self, request):
        # Lists show no bodies, so none is read.
        query = articles_for(request.user).defer("body").order_by("-created_at", "-id")
        pages = Pages()
        # The number of all rows needs no annotations.
        pages.get_count = lambda _: Article.objects.count()
        found = pages.paginate_queryset(query, request, view=self)
        return Response({"articles": ListedArticleSerializer(found, many=True).data, "articlesCount": pages.count})

    def post(self, request):
        new = NewArticle(data=request.data.get("article"))
        new.is_valid(raise_exception=True)
        fields = dict(new.validated_data)
        names = list(dict.fromkeys(fields.pop("tagList")))
        slug = create(slugify(fields["title"], allow_unicode=True) or "article", names, author=request.user, **fields)
        article = articles_for(request.user).get(slug=slug)
        return Response({"article": ArticleSerializer(article).data}, status=status.HTTP_201_CREATED)


def create(base: str, names: list[str], **fields) -> str:
    """The slug of the new article; equal titles get a random suffix."""
    slug = base
    while True:
        try:
            with transaction.atomic():
                if Article.objects.filter(slug=slug).exists():
                    raise IntegrityError
                article = Article.objects.create(slug=slug, **fields)
                if names:
                    Tag.objects.bulk_create([Tag(name=name) for name in names], ignore_conflicts=True)
                    article.tags.add(*Tag.objects.filter(name__in=names))
                return slug
        except IntegrityError:
            slug = f"{base}-{secrets.token_hex(3)}"


class ArticleDetail(APIView):
    authentication_classes, permission_classes = [TokenAuthentication], [IsAuthenticated]

    def get(self, request, slug: str):
        article = articles_for(request.user).filter(slug=slug).first()
        if article is None:
            raise NotFound()
        return Response({"article": ArticleSerializer(article).data})


class Login(APIView):
    def post(self, request):
        sent = request.data["user"]
        user = User.objects.select_related("profile").filter(email=sent["email"].strip().lower()).first()
        if user is None or not user.is_active or not user.check_password(sent["password"]):
            raise AuthenticationFailed()
        token, _ = Token.objects.get_or_create(user=user)
        profile = user.profile
        return Response({
            "user": {
                "email": user.email, "token": token.key, "username": user.username, "bio": profile.bio or None,
                "image": profile.image or None,
            }
        })
