from django.urls import path

from . import conduit, rest, views

urlpatterns = [
    path("plaintext", views.plaintext),
    path("json", views.json),
    path("db", views.db),
    path("queries", views.queries),
    path("fortunes", views.fortunes),
    path("updates", views.updates),
    path("cached-queries", views.cached_queries),
    path("rows", views.rows),
    path("drf/json", rest.json),
    path("drf/db", rest.db),
    path("drf/queries", rest.queries),
    path("drf/updates", rest.updates),
    path("drf/rows", rest.rows),
    path("api/articles", conduit.Articles.as_view()),
    path("api/articles/<str:slug>", conduit.ArticleDetail.as_view()),
    path("api/users/login", conduit.Login.as_view()),
]
